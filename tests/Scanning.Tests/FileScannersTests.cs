using ModelGarden.Formats;
using ModelGarden.Testing;

namespace ModelGarden.Scanning.Tests;

public sealed class FileScannersTests
{
    [Fact]
    public async Task Scan_BySeveral_EachReadsAllAndAllIsTold()
    {
        var scanners = new FileScanners([new Counting("a/1"), new Counting(null), new Counting("b/2")]);

        var found = await scanners.ScanAsync(() => new MemoryStream(new byte[7]), 7, Patience.Cancel);

        Assert.Equal("a/1+b/2", scanners.Signature);
        Assert.Equal(["a/1: 7", "b/2: 7"], found.Select(finding => finding.Message));
    }

    [Fact]
    public async Task Scan_ByNone_FindsNothing()
    {
        var scanners = new FileScanners([new Counting(null)]);

        Assert.Equal("", scanners.Signature);
        Assert.Empty(await scanners.ScanAsync(() => throw new InvalidOperationException("nobody reads it"), 7, Patience.Cancel));
    }

    [Fact]
    public async Task Scan_OfNothing_AsksNobody() =>
        Assert.Empty(await new FileScanners([new Counting("a/1")]).ScanAsync(() => throw new InvalidOperationException("nobody reads it"), 0, Patience.Cancel));

    /// <summary>Finds how many bytes it was given.</summary>
    private sealed class Counting(string? signature) : IFileScanner
    {
        public string? Signature => signature;

        public async Task<IReadOnlyList<Finding>> ScanAsync(Stream content, long length, CancellationToken cancellationToken)
        {
            using var copy = new MemoryStream();
            await content.CopyToAsync(copy, cancellationToken);
            return [new("test.counted", FindingSeverity.Warning, $"{signature}: {copy.Length}")];
        }
    }
}
