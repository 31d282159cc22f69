using System.Security.Cryptography;
using System.Text;

namespace ModelGarden.Cli.Transfers;

/// <summary>A file to be published.</summary>
/// <param name="Path">In the repository.</param>
/// <param name="Place">On this machine.</param>
/// <param name="Size">When the folder was read; a file that changes meanwhile is refused by its digest.</param>
internal sealed record LocalFile(string Path, string Place, long Size)
{
    private const int SampleSize = 512;

    public async Task<byte[]> SampleAsync(CancellationToken cancellationToken)
    {
        await using var file = Open();
        var sample = new byte[Math.Min(SampleSize, Size)];
        var read = await file.ReadAtLeastAsync(sample, sample.Length, throwOnEndOfStream: false, cancellationToken);
        return sample[..read];
    }

    public async Task<string> Sha256Async(Action<long> advance, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await HashAsync(hash, 0, long.MaxValue, advance, cancellationToken);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Of a slice.</summary>
    public async Task<byte[]> Sha256Async(long offset, long length, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await HashAsync(hash, offset, length, _ => { }, cancellationToken);
        return hash.GetHashAndReset();
    }

    /// <summary>What git calls it.</summary>
    public async Task<string> GitOidAsync(CancellationToken cancellationToken)
    {
        using var hash = GitHash.Begin(Size);
        await HashAsync(hash, 0, long.MaxValue, _ => { }, cancellationToken);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public FileStream Open() => new(Place, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite, BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });

    private async Task HashAsync(IncrementalHash hash, long offset, long length, Action<long> advance, CancellationToken cancellationToken)
    {
        await using var file = Open();
        file.Position = offset;
        var buffer = new byte[256 * 1024];
        for (int read; length > 0 && (read = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length)), cancellationToken)) > 0; length -= read)
        {
            hash.AppendData(buffer, 0, read);
            advance(read);
        }
    }
}

/// <summary>git's id of a file, counted as its bytes come (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects).</summary>
internal static class GitHash
{
    public static IncrementalHash Begin(long size)
    {
#pragma warning disable CA5350 // SHA-1 is git's object id, not a protection of ours
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        hash.AppendData(Encoding.ASCII.GetBytes($"blob {size}\0"));
        return hash;
    }
}
