using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Collection;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Tests.Crashes;
using ModelGarden.Artifacts.Tests.Objects;
using ModelGarden.Artifacts.Tests.Quotas;
using ModelGarden.Hosting;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Artifacts.Tests.Collection;

/// <summary>
/// A garden in which files are uploaded, committed, deleted, read and collected at random, each interrupted by others at any operation of the store, as time goes by
/// and the process is killed now and then, at an operation of the store or a commit of the database. The model is small: a file that was acknowledged and then committed is there, whole, until it is deleted.
/// </summary>
internal sealed class RandomLives : IAsyncDisposable
{
    private const int MaximumDepth = 2;
    private static readonly TimeSpan Grace = TimeSpan.FromHours(6);
    private readonly Random _random;
    private readonly ManualClock _clock = new();
    private readonly RepositoriesDouble _repositories = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _writtenAt = new();
    private readonly List<string> _story = [];
    private readonly List<byte[]> _blocks;
    private readonly List<(byte[] File, string Tenant)> _committed = [];
    private readonly List<byte[]> _uploaded = [];
    private ArtifactsGarden _garden = null!;
    private Life _life = null!;
    // Who interrupts takes a turn; who looks whether all is right takes them all.
    private readonly SemaphoreSlim _turns = new(MaximumDepth);
    private readonly Lock _gate = new();
    private DateTimeOffset? _commitBy;

    private RandomLives(int seed)
    {
        _random = new(seed);
        _blocks = [.. Enumerable.Range(0, 12).Select(number => ArtifactsGarden.Bytes(60_000 + _random.Next(200_000), (seed * 100) + number))];
    }

    /// <summary>What has happened, for whoever looks why a life failed.</summary>
    public IReadOnlyList<string> Story => _story;

    public int Rewritten { get; private set; }

    public int Freed { get; private set; }

    public int Killed { get; private set; }

    public int SentAgain { get; private set; }

    private static CancellationToken Cancel => Patience.Cancel;

    public static async Task<RandomLives> StartAsync(int seed, TestDatabase? database)
    {
        var lives = new RandomLives(seed);
        lives._garden = await ArtifactsGarden.StartWithAsync(
            [lives._repositories.Definition, lives.Artifacts], database, lives._clock, ("Artifacts:CollectionGrace", $"{Grace}"), ("Artifacts:CollectEvery", "7.00:00:00"));
        return lives;
    }

    public async Task LiveAsync(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            if (Next(12) is 0)
            {
                _life.DieAt(_life.Steps + 1 + Next(10), (Death)Next(3));
            }

            await GuardedAsync(StepAsync);
            await AloneAsync(async () =>
            {
                await ReviveAsync();
                await CheckAsync();
            });
        }
    }

    /// <summary>All is deleted: when time has gone by, nothing is left.</summary>
    public Task EndAsync() => AloneAsync(async () =>
    {
        foreach (var (file, tenant) in _committed)
        {
            _repositories.Delete(file, tenant);
        }

        _committed.Clear();
        for (var round = 0; round < 2; round++)
        {
            _clock.Jump(Grace * 2);
            await _garden.Part<Collector>().CollectAsync(dryRun: false, Cancel);
        }

        await UsageProof.AssertAsync(_garden);
        Assert.DoesNotContain(_garden.StoredPaths(), path => path.StartsWith("xorbs/", StringComparison.Ordinal));
        await using var context = await _garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        Assert.Equal((0, 0, 0), (await context.Files.CountAsync(Cancel), await context.Xorbs.CountAsync(Cancel), await context.Chunks.CountAsync(Cancel)));
    });

    public ValueTask DisposeAsync() => _garden.DisposeAsync();

    private ServiceDefinition Artifacts => DyingDatabase.Artifacts(() => _life = new(), (store, life) => new InterruptedStore(new DyingStore(store, life), InterruptAsync, _writtenAt, _clock));

    private Task StepAsync() => Next(10) switch
    {
        0 or 1 or 2 => UploadAsync(),
        3 or 4 => CommitAsync(),
        5 => DeleteAsync(),
        6 or 7 => CollectAsync(),
        8 => PassAsync(),
        _ => ReadAsync(),
    };

    private async ValueTask InterruptAsync()
    {
        if (Next(6) > 0 || !await _turns.WaitAsync(0, Cancel))
        {
            return;
        }

        try
        {
            await GuardedAsync(StepAsync);
        }
        finally
        {
            _turns.Release();
        }
    }

    private async Task AloneAsync(Func<Task> check)
    {
        for (var turn = 0; turn < MaximumDepth; turn++)
        {
            await _turns.WaitAsync(Cancel);
        }

        await check();
        _turns.Release(MaximumDepth);
    }

    // The dead do nothing more; what they were about was not acknowledged.
    private async Task GuardedAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception) when (_life.IsDead)
        {
            // Whatever they throw.
            Tell("died");
        }
        catch (RpcException exception) when (exception.StatusCode is StatusCode.Unauthenticated)
        {
            // Hours went by between a call and its answer: it is as if it had not been made.
            Tell("a token is too old");
        }
    }

    private async Task UploadAsync()
    {
        var bytes = NewFile();
        var tenant = Next(2) is 0 ? "acme" : "globex";
        Tell($"upload {Name(bytes)} by {tenant}");
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var upload = await _garden.PrepareAsync(bytes, tenant);
            if (upload.Stored)
            {
                break;
            }

            using var response = await _garden.PutAsync(upload.Url, bytes);
            if (response.StatusCode is HttpStatusCode.OK)
            {
                break;
            }

            // Shared with what was collected while it came, as its sender is told; or hours went by between the request and its arrival.
            var refusal = await response.Content.ReadAsStringAsync(Cancel);
            var isLate = refusal.Contains("INTERNAL_TOKEN_EXPIRED", StringComparison.Ordinal);
            Assert.True(isLate || (response.Headers.TryGetValues("X-Error-Code", out var codes) && codes.Single() is "FILE_WENT" or "URL_EXPIRED"), refusal);
            SentAgain += isLate ? 0 : 1;
        }

        lock (_gate)
        {
            _uploaded.Add(bytes);
        }

        Tell($"uploaded {Name(bytes)}");
    }

    /// <summary>As Catalog does it: only what the tenant has can be committed; it asks, and commits what it was told a while later.</summary>
    private async Task CommitAsync()
    {
        if (Any(_uploaded) is not { } bytes || !OpenCommit())
        {
            return;
        }

        try
        {
            await CommitAsync(bytes, Next(2) is 0 ? "acme" : "globex");
        }
        finally
        {
            CloseCommit();
        }
    }

    private async Task CommitAsync(byte[] bytes, string tenant)
    {
        var isHeld = (await _garden.FilesAsync(People.Engineer(tenant), bytes)).Count > 0;
        await InterruptAsync();
        if (Next(2) is 0)
        {
            await CollectAsync();
        }

        lock (_gate)
        {
            if (isHeld && !_repositories.Has(bytes, tenant))
            {
                Tell($"commit {Name(bytes)} of {tenant}");
                _repositories.Commit(bytes, tenant);
                _committed.Add((bytes, tenant));
            }
        }
    }

    /// <summary>One at a time, so that it is clear how long it has: the grace, and as long less as a name may be old.</summary>
    private bool OpenCommit()
    {
        lock (_gate)
        {
            var isFree = _commitBy is null;
            _commitBy ??= _clock.GetUtcNow() + Grace - TimeSpan.FromHours(1);
            return isFree;
        }
    }

    private void CloseCommit()
    {
        lock (_gate)
        {
            _commitBy = null;
        }
    }

    private Task DeleteAsync()
    {
        lock (_gate)
        {
            if (_committed.Count > 0)
            {
                var one = _committed[_random.Next(_committed.Count)];
                Tell($"delete {Name(one.File)} of {one.Tenant}");
                _repositories.Delete(one.File, one.Tenant);
                _committed.Remove(one);
            }
        }

        return Task.CompletedTask;
    }

    private async Task CollectAsync()
    {
        Tell("collect");
        var report = await _garden.Part<Collector>().CollectAsync(dryRun: Next(8) is 0, Cancel);
        Rewritten += (int)report.RewrittenXorbs;
        Freed += (int)report.Objects;
        Tell($"collected {report.Files} files, {report.Xorbs} xorbs, {report.RewrittenXorbs} rewritten, {report.Objects} objects");
    }

    private Task PassAsync()
    {
        lock (_gate)
        {
            var (time, most) = (Grace * (_random.NextDouble() * 1.3), (_commitBy ?? DateTimeOffset.MaxValue) - _clock.GetUtcNow());
            Tell($"{time} go by");
            _clock.Jump(time < most ? time : most);
        }

        return Task.CompletedTask;
    }

    /// <summary>Bit by bit, while others go on. What is deleted while it is read may end; what is read of it is right.</summary>
    private async Task ReadAsync()
    {
        if (Any(_committed) is not ({ } bytes, _))
        {
            return;
        }

        Tell($"read {Name(bytes)}");
        try
        {
            await ReadAsync(bytes);
        }
        catch (IOException) when (!_repositories.Has(bytes))
        {
            Tell($"{Name(bytes)} was deleted while it was read");
        }
    }

    private async Task ReadAsync(byte[] bytes)
    {
        using var reader = await _garden.Part<ChunkStore>().OpenAsync(Sha256Digest.Of(bytes), Cancel) ?? throw new FileNotFoundException($"{Name(bytes)} is not there");
        for (var at = 0L; at < bytes.Length;)
        {
            using var run = await reader.ReadAsync(at, bytes.Length - 1, Cancel);
            for (var number = run.First; number < run.End; number++)
            {
                var chunk = new byte[run.LengthOf(number)];
                run.Decode(number, 0, chunk);
                Assert.True(bytes.AsSpan((int)run.StartOf(number), chunk.Length).SequenceEqual(chunk), $"{Name(bytes)} is not as it was sent");
                at = run.StartOf(number) + chunk.Length;
            }
        }
    }

    private async Task ReviveAsync()
    {
        if (!_life.IsDead)
        {
            _life.DieAt(int.MaxValue, Death.Before);
            return;
        }

        Killed++;
        Tell("start again");
        await _garden.Garden.RestartAsync(Artifacts);
    }

    private async Task CheckAsync()
    {
        foreach (var (bytes, tenant) in _committed)
        {
            await ReadAsync(bytes);
            var sha256 = Sha256Digest.Of(bytes).Hex;
            await using var context = await _garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
            Assert.True(await context.TenantFiles.AnyAsync(held => held.Tenant == tenant && held.Sha256 == sha256, Cancel), $"{tenant} does not have {Name(bytes)} any more");
        }

        await UsageProof.AssertAsync(_garden);
    }

    /// <summary>Made of blocks that others are made of as well; sometimes one that has been before.</summary>
    private byte[] NewFile() => Next(5) is 0 && Any(_uploaded) is { } before ? before :
        [.. Enumerable.Range(0, 1 + Next(4)).SelectMany(_ => _blocks[Next(_blocks.Count)]), .. BitConverter.GetBytes(Next(4))];

    private int Next(int below)
    {
        lock (_gate)
        {
            return _random.Next(below);
        }
    }

    private T? Any<T>(List<T> of)
    {
        lock (_gate)
        {
            return of.Count > 0 ? of[_random.Next(of.Count)] : default;
        }
    }

    private void Tell(string what)
    {
        lock (_gate)
        {
            _story.Add(what);
        }
    }

    private static string Name(byte[] bytes) => Sha256Digest.Of(bytes).Hex[..6];
}
