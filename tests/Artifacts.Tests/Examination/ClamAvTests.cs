using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Examination;
using ModelGarden.Contracts.V1;
using ModelGarden.Formats;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;
using Verdict = ModelGarden.Contracts.V1.Verdict;

namespace ModelGarden.Artifacts.Tests.Examination;

public sealed class ClamAvTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"clamav-{Guid.NewGuid():n}.sock");

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Upload_ThatClamAvKnows_IsMalicious(bool isUnix)
    {
        await using var server = new ClamAvStandIn(isUnix ? new UnixDomainSocketEndPoint(_path) : new IPEndPoint(IPAddress.Loopback, 0), bytes => bytes.Length == 200_000 ? "stream: Win.Test.Evil-1 FOUND" : "stream: OK");
        await using var garden = await ArtifactsGarden.StartAsync(settings: ("Artifacts:ClamAv:Address", isUnix ? $"unix:{_path}" : $"tcp:localhost:{server.Port}"));

        var evil = await garden.UploadAsync(Bytes(200_000));
        var good = await garden.UploadAsync("plain words"u8.ToArray());

        Assert.Equal((Verdict.Malicious, "CLAMAV_FOUND", "malicious"), (evil.Verdict, evil.Findings[0].Rule, evil.Findings[0].Severity));
        Assert.Contains("Win.Test.Evil-1", evil.Findings[0].Message, StringComparison.Ordinal);
        Assert.Equal((Verdict.Clean, $"{FileExaminer.Name}/{FileExaminer.RulesVersion}+clamav/1"), (good.Verdict, good.Examiner));
        Assert.Equal(Bytes(200_000), server.Seen[0]);
    }

    [Fact]
    public async Task Upload_WhileClamAvIsDown_IsPendingUntilItIsBack()
    {
        await using var garden = await ArtifactsGarden.StartAsync(settings: ("Artifacts:ClamAv:Address", $"unix:{_path}"));
        var bytes = "plain words"u8.ToArray();

        var file = await garden.UploadAsync(bytes);
        await using var server = new ClamAvStandIn(new UnixDomainSocketEndPoint(_path), _ => "stream: OK");
        await garden.RestartAsync();

        Assert.Equal(Verdict.Pending, file.Verdict);
        await ExaminationContract.AnnouncedAsync(garden, file.Sha256, announced => announced.Verdict is Verdict.Clean);

        // Twice where the service had found it, and was stopped before it had written what it found.
        Assert.InRange(server.Seen.Count, 1, 2);
        Assert.All(server.Seen, seen => Assert.Equal(bytes, seen));
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

        await Assert.ThrowsAsync<ScannerUnavailableException>(() => ScanAsync(new(), Bytes(10)));
    }

    [Fact]
    public async Task Scan_NobodyThere_Unavailable() => await Assert.ThrowsAsync<ScannerUnavailableException>(() => ScanAsync(new(), Bytes(10)));

    [Fact]
    public async Task Scan_NoAnswerInTime_Unavailable()
    {
        using var silent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        silent.Bind(new UnixDomainSocketEndPoint(_path));
        silent.Listen();

        var refusal = await Assert.ThrowsAsync<ScannerUnavailableException>(() => ScanAsync(new() { Timeout = TimeSpan.FromMilliseconds(50) }, Bytes(10)));

        Assert.Contains("did not answer within 00:00:00.05", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scan_LargerThanIsSent_SaysSo()
    {
        var finding = Assert.Single(await ScanAsync(new() { MaximumSize = 9 }, Bytes(10)));

        Assert.Equal(("clamav.not-scanned", FindingSeverity.Warning), (finding.Rule, finding.Severity));
    }

    [Fact]
    public async Task Scan_LargerThanClamAvTakes_SaysSo()
    {
        await using var server = new ClamAvStandIn(new UnixDomainSocketEndPoint(_path), _ => "stream: OK") { StreamMaxLength = 100_000 };

        Assert.Equal("clamav.not-scanned", Assert.Single(await ScanAsync(new(), Bytes(5_000_000))).Rule);
    }

    [Fact]
    public async Task Scan_ThatGaveUpInsideTheFile_IsSuspicious()
    {
        await using var server = new ClamAvStandIn(new UnixDomainSocketEndPoint(_path), _ => "stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND");
        var finding = Assert.Single(await ScanAsync(new(), Bytes(10)));

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

    private async Task<IReadOnlyList<Formats.Finding>> ScanAsync(ClamAvOptions options, byte[] bytes)
    {
        options.Address = $"unix:{_path}";
        using var content = new MemoryStream(bytes);
        return await new ClamAvScanner(Options.Create(new ArtifactsOptions { ClamAv = options }), TimeProvider.System).ScanAsync(content, bytes.Length, Cancel);
    }
}
