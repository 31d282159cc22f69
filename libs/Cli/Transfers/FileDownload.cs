using System.Net;
using System.Security.Cryptography;
using ModelGarden.Cli.Garden;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Transfers;

/// <summary>
/// Fetches one file: into a part beside, named by its digest, from where an earlier run stopped; into its place only when its digest is right.
/// </summary>
internal sealed class FileDownload(Session session, ModelReference model, TreeEntry entry, string folder, ITransferView view)
{
    private const int Attempts = 5;
    private readonly string _place = PlaceOf(folder, entry.Path);
    private readonly string _part = Path.Combine(folder, FolderReader.OwnFolder, PartNameOf(entry));

    private string Digest => entry.Sha256.Length > 0 ? entry.Sha256 : entry.Oid;

    /// <summary>False: it was there.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using var item = view.Begin(entry.Path, entry.Size);
        if (await IsThereAsync(cancellationToken))
        {
            return false;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(_part)!);
        if (await FetchAsync(item, cancellationToken) is { } wrong)
        {
            // Perhaps the part of an earlier run was bad: once from its beginning.
            item.Restart();
            wrong = await FetchAsync(item, cancellationToken) ?? "";
            if (wrong.Length > 0)
            {
                throw new ErrorException(Error.Conflict("CORRUPT", $"{entry.Path} came with digest {wrong} instead of {Digest}: it was not kept"));
            }
        }

        Directory.CreateDirectory(Path.GetDirectoryName(_place)!);
        File.Move(_part, _place, overwrite: true);
        item.Done("downloaded");
        return true;
    }

    /// <summary>Takes our own folder away when no part is left in it.</summary>
    public static void CleanUp(string folder)
    {
        var own = Path.Combine(folder, FolderReader.OwnFolder);
        if (Directory.Exists(own) && !Directory.EnumerateFileSystemEntries(own).Any())
        {
            Directory.Delete(own);
        }
    }

    // Digests come from strangers too, and are to be names here. By path as well: files of the same content may come at the same time.
    private static string PartNameOf(TreeEntry entry) =>
        $"{(entry.Sha256.Length > 0 ? Sha256Digest.Create(entry.Sha256).OrThrow().Hex : ObjectId.Create(entry.Oid).OrThrow().Hex)}-{Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(entry.Path)).Hex[..8]}.part";

    /// <summary>Paths come from strangers: the rule for paths keeps them below the folder on every system.</summary>
    private static string PlaceOf(string folder, string path)
    {
        var place = Path.GetFullPath(Path.Combine(folder, FilePath.Create(path).OrThrow().Value));
        return place.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? place
            : throw new ErrorException(Error.Invalid("BAD_PATH", $"path '{Text.Shorten(path)}' leads out of the folder"));
    }

    private async Task<bool> IsThereAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(_place) || new FileInfo(_place).Length != entry.Size)
        {
            return false;
        }

        using var hash = Begin();
        await using var file = File.OpenRead(_place);
        await AppendAsync(hash, file, cancellationToken);
        return Convert.ToHexStringLower(hash.GetHashAndReset()) == Digest;
    }

    /// <summary>Null: it is in the part, whole and right; else the wrong digest, and the part is gone.</summary>
    private async Task<string?> FetchAsync(ITransferItem item, CancellationToken cancellationToken)
    {
        using var hash = Begin();
        await using (var part = new FileStream(_part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.Asynchronous))
        {
            if (part.Length > entry.Size)
            {
                part.SetLength(0);
            }

            await AppendAsync(hash, part, cancellationToken);
            item.Advance(part.Length);
            await FillAsync(part, hash, item, cancellationToken);
            part.Flush(flushToDisk: true);
        }

        var digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (digest == Digest)
        {
            return null;
        }

        File.Delete(_part);
        return digest;
    }

    private async Task FillAsync(FileStream part, IncrementalHash hash, ITransferItem item, CancellationToken cancellationToken)
    {
        for (var attempt = 1; part.Position < entry.Size; attempt++)
        {
            try
            {
                await ReadOnAsync(part, hash, item, cancellationToken);
            }
            catch (Exception exception) when (exception is HttpRequestException or HttpIOException && !cancellationToken.IsCancellationRequested)
            {
                if (attempt == Attempts)
                {
                    throw session.Transport.NotReachable(exception);
                }

                await session.Transport.PauseAsync(attempt, cancellationToken);
            }
        }
    }

    /// <summary>From where the part ends.</summary>
    private async Task ReadOnAsync(FileStream part, IncrementalHash hash, ITransferItem item, CancellationToken cancellationToken)
    {
        var from = part.Position;
        using var response = await session.Hub.OpenAsync(model, entry.Path, from, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (from > 0 && response.StatusCode is not HttpStatusCode.PartialContent)
        {
            // It sends the whole file again: what we have of it is passed over.
            await SkipAsync(body, from, cancellationToken);
        }

        var buffer = new byte[128 * 1024];
        for (int read; (read = await BoundedText.ReadAsync(body, buffer, cancellationToken)) > 0;)
        {
            if (part.Position + read > entry.Size)
            {
                throw new ErrorException(Error.Conflict("CORRUPT", $"{entry.Path} came longer than its {entry.Size} bytes: it was not kept"));
            }

            await part.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            hash.AppendData(buffer, 0, read);
            item.Advance(read);
        }

        if (part.Position < entry.Size)
        {
            throw new HttpIOException(HttpRequestError.ResponseEnded, $"{entry.Path} broke off after {part.Position} of {entry.Size} bytes");
        }
    }

    private static async Task SkipAsync(Stream body, long count, CancellationToken cancellationToken)
    {
        var buffer = new byte[128 * 1024];
        while (count > 0)
        {
            var read = await BoundedText.ReadAsync(body, buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)), cancellationToken);
            count -= read > 0 ? read : throw new HttpIOException(HttpRequestError.ResponseEnded, "the file is shorter than it was");
        }
    }

    private static async Task AppendAsync(IncrementalHash hash, FileStream file, CancellationToken cancellationToken)
    {
        var buffer = new byte[256 * 1024];
        for (int read; (read = await file.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
        }
    }

    private IncrementalHash Begin() => entry.Sha256.Length > 0 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : GitHash.Begin(entry.Size);
}
