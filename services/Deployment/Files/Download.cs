using System.Security.Cryptography;
using ModelGarden.Deployment.Endpoints;
using ModelGarden.Kernel;

namespace ModelGarden.Deployment.Files;

/// <summary>Fetches one file, going on where an earlier try broke off, and lets it have its name only when its bytes are the ones it is named after.</summary>
internal sealed class Download(TargetFile file, string partPath, IFileSource source, Action<long> report)
{
    private const int BufferSize = 1 << 18;

    public async Task<Error?> RunAsync(string tenant, string path, CancellationToken cancellationToken)
    {
        await using (var part = new FileStream(partPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1))
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            if (part.Length > file.Size)
            {
                part.SetLength(0);
            }

            await HashAsync(part, hash, cancellationToken);
            if (part.Length < file.Size && await ReceiveAsync(part, hash, tenant, cancellationToken) is { } fault)
            {
                return fault;
            }

            if (part.Length != file.Size || !Convert.ToHexStringLower(hash.GetHashAndReset()).Equals(file.Sha256, StringComparison.Ordinal))
            {
                part.SetLength(0);
                return Error.Conflict("BAD_BYTES", $"the bytes of {file.Path} that came are not those of sha256 {file.Sha256}: they were thrown away");
            }

            part.Flush(flushToDisk: true);
        }

        File.Move(partPath, path, overwrite: true);
        return null;
    }

    /// <summary>What an earlier try left counts, after it has been read.</summary>
    private static async Task HashAsync(FileStream part, IncrementalHash hash, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        part.Position = 0;
        while (await part.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            hash.AppendData(buffer, 0, read);
        }
    }

    private async Task<Error?> ReceiveAsync(FileStream part, IncrementalHash hash, string tenant, CancellationToken cancellationToken)
    {
        var opened = await source.OpenAsync(file, tenant, part.Length, cancellationToken);
        if (opened.Error is { } error)
        {
            return error;
        }

        using var body = opened.Value;
        if (body.Start != part.Length)
        {
            part.SetLength(0);
            hash.GetHashAndReset();
        }

        var buffer = new byte[BufferSize];
        while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            if (part.Length + read > file.Size)
            {
                part.SetLength(0);
                return Error.Conflict("BAD_BYTES", $"{file.Path} has {file.Size} bytes and more came: they were thrown away");
            }

            hash.AppendData(buffer, 0, read);
            await part.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            report(part.Length);
        }

        return part.Length < file.Size ? Error.Unavailable("BROKEN_OFF", $"fetching {file.Path} broke off at {part.Length} of {file.Size} bytes") : null;
    }
}
