using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Examination;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Tests.Examination;

public sealed class ExaminerTests : IDisposable
{
    private static readonly byte[] Bytes = ArtifactsGarden.Bytes(100);
    private static readonly Sha256Digest Digest = Sha256Digest.Of(Bytes);
    private readonly string _root = Directory.CreateTempSubdirectory("examiner-").FullName;
    private readonly FolderObjectStore _store;
    private readonly ArtifactsMetrics _metrics = new();

    public ExaminerTests() => _store = new(_root);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Examine_WhenTimeIsUp_PendingForAnUploadAndSuspiciousForGood()
    {
        await StoreAsync();
        var examiner = new Examiner(_store, Options.Create(new ArtifactsOptions()), _metrics, new HastyClock());

        var soon = await examiner.ExamineSoonAsync(Digest.Hex, Bytes.Length, "", Cancel);
        var fully = await examiner.ExamineFullyAsync(Digest.Hex, Bytes.Length, "", Cancel);

        Assert.Equal((Verdict.Pending, ""), (soon.Verdict, soon.Examiner));
        Assert.Equal((Verdict.Suspicious, "EXAMINATION_TIMEOUT", Examiner.Current), (fully.Verdict, fully.Findings[0].Rule, fully.Examiner));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("secret/plan.GGUF", "file.gguf")]
    [InlineData("config.json", "config.json")]
    [InlineData("a/config.json", "config.json")]
    [InlineData("myconfig.json", "file.json")]
    [InlineData("Makefile", "")]
    [InlineData("x.a-very-long-ending-that-says-too-much", "")]
    [InlineData("x.", "")]
    public void HintOf_Name_TheEndingAlone(string name, string hint) => Assert.Equal(hint, Examiner.HintOf(name));

    public void Dispose()
    {
        _metrics.Dispose();
        _store.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private async Task StoreAsync()
    {
        await using var writer = await _store.CreateAsync(ObjectKey.OfFile(Digest), Cancel);
        await writer.WriteAsync(Bytes, Cancel);
        await writer.CommitAsync(Cancel);
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
