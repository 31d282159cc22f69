using System.Net.Sockets;
using Microsoft.Extensions.Options;
using ModelGarden.Formats;
using ModelGarden.Testing;

namespace ModelGarden.Scanning.Tests;

public sealed class ClamAvScannerTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"clamav-{Guid.NewGuid():n}.sock");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task Scan_Answered_IsWhatItSaid()
    {
        await using var server = new ClamAvStandIn(new UnixDomainSocketEndPoint(_path), bytes => bytes.Length == 10 ? "stream: Win.Test.Evil-1 FOUND" : "stream: OK");

        var finding = Assert.Single(await ScanAsync(new(), new byte[10]));

        Assert.Equal(("clamav.found", FindingSeverity.Malicious), (finding.Rule, finding.Severity));
        Assert.Contains("Win.Test.Evil-1", finding.Message, StringComparison.Ordinal);
        Assert.Empty(await ScanAsync(new(), new byte[11]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("stream: Can't allocate memory ERROR")]
    [InlineData("stream: OK FOUNDED")]
    [InlineData("UNKNOWN COMMAND")]
    [InlineData("other: Evil FOUND")]
    public async Task Scan_AnswerThatIsNone_Unavailable(string? answer)
    {
        await using var server = new ClamAvStandIn(new UnixDomainSocketEndPoint(_path), _ => answer);

        await Assert.ThrowsAsync<ScannerUnavailableException>(() => ScanAsync(new(), new byte[10]));
    }

    [Fact]
    public async Task Scan_NobodyThere_Unavailable() => await Assert.ThrowsAsync<ScannerUnavailableException>(() => ScanAsync(new(), new byte[10]));

    [Fact]
    public async Task Scan_NoAnswerInTime_Unavailable()
    {
        using var silent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        silent.Bind(new UnixDomainSocketEndPoint(_path));
        silent.Listen();

        var refusal = await Assert.ThrowsAsync<ScannerUnavailableException>(() => ScanAsync(new() { Timeout = TimeSpan.FromMilliseconds(50) }, new byte[10]));

        Assert.Contains("did not answer within 00:00:00.05", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scan_LargerThanIsSent_SaysSo()
    {
        var finding = Assert.Single(await ScanAsync(new() { MaximumSize = 9 }, new byte[10]));

        Assert.Equal(("clamav.not-scanned", FindingSeverity.Warning), (finding.Rule, finding.Severity));
    }

    [Fact]
    public async Task Scan_LargerThanClamAvTakes_SaysSo()
    {
        await using var server = new ClamAvStandIn(new UnixDomainSocketEndPoint(_path), _ => "stream: OK") { StreamMaxLength = 100_000 };

        Assert.Equal("clamav.not-scanned", Assert.Single(await ScanAsync(new(), new byte[5_000_000])).Rule);
    }

    [Fact]
    public async Task Scan_ThatGaveUpInsideTheFile_IsSuspicious()
    {
        await using var server = new ClamAvStandIn(new UnixDomainSocketEndPoint(_path), _ => "stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND");
        var finding = Assert.Single(await ScanAsync(new(), new byte[10]));

        Assert.Equal(("clamav.not-scanned", FindingSeverity.Suspicious), (finding.Rule, finding.Severity));
    }

    [Theory]
    [InlineData("unix:/run/clamav/clamd.ctl", true)]
    [InlineData("tcp:clamav:3310", true)]
    [InlineData("tcp:[::1]:3310", true)]
    [InlineData("", true)]
    [InlineData("unix:relative", false)]
    [InlineData("tcp:clamav", false)]
    [InlineData("tcp:clamav:99999", false)]
    [InlineData("clamav:3310", false)]
    public void Address_Any_IsCheckedAtStart(string address, bool isFine) => Assert.Equal(isFine, !new ClamAvOptions { Address = address }.Faults().Any());

    private async Task<IReadOnlyList<Finding>> ScanAsync(ClamAvOptions options, byte[] bytes)
    {
        options.Address = $"unix:{_path}";
        using var content = new MemoryStream(bytes);
        return await new ClamAvScanner(Options.Create(options), TimeProvider.System).ScanAsync(content, bytes.Length, Patience.Cancel);
    }
}
