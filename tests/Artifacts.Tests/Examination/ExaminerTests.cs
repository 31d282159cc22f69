using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Examination;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Scanning;
using ModelGarden.Testing;

namespace ModelGarden.Artifacts.Tests.Examination;

public sealed class ExaminerTests
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Examine_WhenTimeIsUp_PendingForAnUploadAndSuspiciousForGood()
    {
        await using var garden = await ArtifactsGarden.StartAsync();
        var stored = await garden.UploadAsync(ArtifactsGarden.Bytes(100));
        using var file = await garden.Part<ChunkStore>().OpenAsync(Sha256Digest.Create(stored.Sha256).OrThrow(), Cancel);
        var examiner = new Examiner(Options.Create(new ArtifactsOptions()), new FileScanners([]), garden.Part<ArtifactsMetrics>(), new HastyClock(), NullLogger<Examiner>.Instance);

        var soon = await examiner.ExamineSoonAsync(stored.Sha256, file!, Cancel);
        var fully = await examiner.ExamineFullyAsync(stored.Sha256, file!, Cancel);

        Assert.Equal((Verdict.Pending, ""), (soon.Verdict, soon.Examiner));
        Assert.Equal((Verdict.Suspicious, "EXAMINATION_TIMEOUT", garden.Part<Examiner>().Current), (fully.Verdict, fully.Findings[0].Rule, fully.Examiner));
    }

    /// <summary>Every timer is due at once.</summary>
    private sealed class HastyClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            callback(state);
            return System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
