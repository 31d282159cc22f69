using ModelGarden.Formats;

namespace ModelGarden.Scanning;

/// <summary>All scanners that are configured, as one.</summary>
public sealed class FileScanners
{
    private readonly IFileScanner[] _scanners;

    public FileScanners(IEnumerable<IFileScanner> scanners)
    {
        _scanners = [.. scanners.Where(scanner => scanner.Signature is not null)];
        Signature = string.Join('+', _scanners.Select(scanner => scanner.Signature));
    }

    /// <summary>Names and versions of all of them, such as <c>clamav/1</c>; empty: there are none.</summary>
    public string Signature { get; }

    /// <summary>What they find in a small file.</summary>
    /// <exception cref="ScannerUnavailableException">One of them cannot look now.</exception>
    public Task<IReadOnlyList<Finding>> ScanAsync(byte[] content, CancellationToken cancellationToken) =>
        ScanAsync(() => new MemoryStream(content, writable: false), content.Length, cancellationToken);

    /// <summary>What they find in a file, each of which reads it from its beginning.</summary>
    /// <exception cref="ScannerUnavailableException">One of them cannot look now.</exception>
    public async Task<IReadOnlyList<Finding>> ScanAsync(Func<Stream> open, long length, CancellationToken cancellationToken)
    {
        var found = new List<Finding>();
        foreach (var scanner in _scanners.Where(_ => length > 0))
        {
            await using var content = open();
            found.AddRange(await scanner.ScanAsync(content, length, cancellationToken));
        }

        return found;
    }
}
