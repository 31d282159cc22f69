using System.Collections.Concurrent;
using System.Net;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Tests.Objects;
using ModelGarden.Artifacts.Uploads;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Uploads;

/// <summary>Completions asked for while another one is at work, which a test holds where it opens the first part.</summary>
public sealed class CompletionTests : IAsyncLifetime
{
    private readonly byte[] _bytes = Bytes(2 * PartSize);
    private readonly ConcurrentQueue<ObjectKey> _opened = new();
    private readonly TaskCompletionSource _atWork = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ArtifactsGarden _garden = null!;
    private PrepareUploadResponse _upload = null!;
    private (int, string)[] _parts = [];
    private UploadSession _session = null!;

    public async ValueTask InitializeAsync()
    {
        _garden = await StartWithAsync([Over(store => new WatchedStore(store, store.IsRemote) { OnOpen = OpenAsync })], null, null);
        _upload = await _garden.PrepareAsync(_bytes, multipart: true);
        _parts = [(1, await _garden.PutPartAsync(_upload, _bytes, 1)), (2, await _garden.PutPartAsync(_upload, _bytes, 2))];
        _session = (await _garden.Part<UploadSessions>().FindAsync(_upload.CompletionUrl.Split('/', '?')[5], Cancel)).Value;
    }

    public async ValueTask DisposeAsync()
    {
        _goOn.TrySetResult();
        await _garden.DisposeAsync();
    }

    [Fact]
    public async Task Complete_AskedAgainMeanwhile_IsDoneOnceAndBothGetTheAnswer()
    {
        var first = _garden.CompleteAsync(_upload, _bytes, _parts);
        await _atWork.Task.InTimeAsync();

        var second = _garden.Part<Completions>().RunAsync(_session, null, Cancel);
        await CompleteAnotherAsync();
        Assert.False(second.IsCompleted);
        _goOn.SetResult();

        Assert.Equal(HttpStatusCode.OK, (await first.InTimeAsync()).StatusCode);
        Assert.Equal(Sha256Digest.Of(_bytes), (await second.InTimeAsync()).Value);
        Assert.Equal(2, OpenedParts());
    }

    [Fact]
    public async Task Complete_WhoAskedGoes_ItGoesOnForWhoAsksAgain()
    {
        using var gone = new CancellationTokenSource();
        var first = _garden.Part<Completions>().RunAsync(_session, null, gone.Token);
        await _atWork.Task.InTimeAsync();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        var second = _garden.Part<Completions>().RunAsync(_session, null, Cancel);
        await CompleteAnotherAsync();
        Assert.False(second.IsCompleted);
        _goOn.SetResult();

        Assert.Equal(Sha256Digest.Of(_bytes), (await second.InTimeAsync()).Value);
        Assert.Equal(2, OpenedParts());
    }

    [Fact]
    public async Task Complete_AnotherReplicaIsQuicker_ItsAnswerIsOurs()
    {
        var first = _garden.CompleteAsync(_upload, _bytes, _parts);
        await _atWork.Task.InTimeAsync();
        using var other = new Completions(_garden.Part<UploadReceiver>(), _garden.Part<UploadParts>(), _garden.Part<UploadSessions>(), _garden.Part<StoredFiles>());

        Assert.Equal(Sha256Digest.Of(_bytes), (await other.RunAsync(_session, null, Cancel)).Value);
        _goOn.SetResult();

        Assert.Equal(HttpStatusCode.OK, (await first.InTimeAsync()).StatusCode);
        using var again = await _garden.CompleteAsync(_upload, _bytes, _parts);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task Complete_TheServiceIsStoppedMeanwhile_IsDoneWhenAskedAgain()
    {
        using var gone = new CancellationTokenSource();
        var first = _garden.Part<Completions>().RunAsync(_session, null, gone.Token);
        await _atWork.Task.InTimeAsync();
        await gone.CancelAsync();
        var stopped = _garden.RestartAsync();
        _goOn.SetResult();
        await stopped.InTimeAsync();

        using var again = await _garden.CompleteAsync(_upload, _bytes, _parts);

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
    }

    /// <summary>Of another file: in that time one that is not held would be done, too.</summary>
    private async Task CompleteAnotherAsync()
    {
        var bytes = Bytes(4 * PartSize, seed: 2);
        var upload = await _garden.PrepareAsync(bytes, multipart: true);
        var parts = new List<(int, string)>();
        for (var number = 1; number <= 4; number++)
        {
            parts.Add((number, await _garden.PutPartAsync(upload, bytes, number)));
        }

        using var completed = await _garden.CompleteAsync(upload, bytes, [.. parts]);
        Assert.Equal(HttpStatusCode.OK, completed.StatusCode);
    }

    private int OpenedParts() => _opened.Count(key => key.Value.Contains(_session.Id, StringComparison.Ordinal));

    // Holds the first that comes.
    private Task OpenAsync(ObjectKey key)
    {
        if (!key.Value.StartsWith(ObjectKey.Parts, StringComparison.Ordinal))
        {
            return Task.CompletedTask;
        }

        _opened.Enqueue(key);
        return _atWork.TrySetResult() ? _goOn.Task : Task.CompletedTask;
    }
}
