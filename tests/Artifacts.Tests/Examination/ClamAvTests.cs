using System.Net;
using System.Net.Sockets;
using ModelGarden.Contracts.V1;
using ModelGarden.Formats;
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
        await using var garden = await ArtifactsGarden.StartAsync(settings: ("ClamAv:Address", isUnix ? $"unix:{_path}" : $"tcp:localhost:{server.Port}"));

        var evil = await garden.UploadAsync(Bytes(200_000));
        var good = await garden.UploadAsync("plain words"u8.ToArray());

        Assert.Equal((Verdict.Malicious, "CLAMAV_FOUND", "malicious"), (evil.Verdict, evil.Findings[0].Rule, evil.Findings[0].Severity));
        Assert.Contains("Win.Test.Evil-1", evil.Findings[0].Message, StringComparison.Ordinal);
        Assert.Equal((Verdict.Clean, $"{FileExaminer.Rules}+clamav/1"), (good.Verdict, good.Examiner));
        Assert.Equal(Bytes(200_000), server.Seen[0]);
    }

    [Fact]
    public async Task Upload_WhileClamAvIsDown_IsPendingUntilItIsBack()
    {
        await using var garden = await ArtifactsGarden.StartAsync(settings: ("ClamAv:Address", $"unix:{_path}"));
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
}
