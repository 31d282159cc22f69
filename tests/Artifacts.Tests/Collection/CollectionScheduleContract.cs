using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Collection;
using ModelGarden.Artifacts.Files;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Collection;

/// <summary>When collections begin by themselves, on either database engine.</summary>
public abstract class CollectionScheduleContract
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(6);
    private static readonly TimeSpan Claim = TimeSpan.FromHours(1);
    // Whole seconds: the database keeps milliseconds.
    private readonly ManualClock _clock = new(DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds()));
    private readonly RepositoriesDouble _repositories = new();

    private protected abstract Task<TestDatabase?> DatabaseAsync();

    [Fact]
    public async Task Restart_BeforeACollectionIsDue_DoesNotPutItOff()
    {
        await using var garden = await StartAsync();
        for (var restart = 0; restart < 3; restart++)
        {
            var left = Every - (restart * TimeSpan.FromHours(1.5));
            await AwaitedAsync(left);
            _clock.Jump(TimeSpan.FromHours(1.5));
            await garden.RestartAsync();
        }

        await AwaitedAsync(Every / 4);
        _clock.Jump(Every / 4);

        await AwaitedAsync(Every);
        Assert.Equal(1, _repositories.Asked);
    }

    [Fact]
    public async Task Start_LongAfterOneWasDue_CollectsAtOnce()
    {
        await using var garden = await StartAsync();
        await AwaitedAsync(Every);
        await garden.Garden.StopAsync("artifacts");
        _clock.Jump(Every * 10);

        await garden.RestartAsync();

        await AwaitedAsync(Every);
        Assert.Equal(1, _repositories.Asked);
    }

    [Fact]
    public async Task Collection_ThatFails_IsTriedAgainWhenItsClaimIsOver()
    {
        // Nobody else waits for as long.
        var every = TimeSpan.FromMinutes(47);
        await using var garden = await StartAsync(("Artifacts:CollectEvery", $"{every}"));
        _repositories.IsDown = true;
        await AwaitedAsync(every);
        var before = (await RowAsync(garden)).FinishedAt;
        _clock.Jump(every);
        await AwaitedAsync(every);
        Assert.Equal((1, before), (_repositories.Asked, (await RowAsync(garden)).FinishedAt));
        _repositories.IsDown = false;

        _clock.Jump(every);

        await AwaitedAsync(every);
        Assert.Equal((2, _clock.GetUtcNow()), (_repositories.Asked, (await RowAsync(garden)).FinishedAt));
    }

    [Fact]
    public async Task Collection_ByAnOperator_CountsAndADryRunDoesNot()
    {
        await using var garden = await StartAsync();
        await AwaitedAsync(Every);
        _clock.Jump(Every / 2);
        await garden.As(People.Operator).CollectGarbageAsync(new() { DryRun = true }, cancellationToken: Cancel);
        Assert.Equal(Every / 2, await ScheduleOf(garden).ClaimAsync(Cancel));

        await garden.As(People.Operator).CollectGarbageAsync(new(), cancellationToken: Cancel);

        Assert.Equal(Every, await ScheduleOf(garden).ClaimAsync(Cancel));
    }

    [Fact]
    public async Task Claim_OfManyReplicasAtOnce_OneHasItUntilItIsDoneOrDead()
    {
        await using var garden = await StartAsync(("Artifacts:CollectEvery", "7.00:00:00"));
        await ScheduleOf(garden).ClaimAsync(Cancel);
        // Shorter than what the garden itself waits for.
        _clock.Jump(Every);

        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => ScheduleOf(garden).ClaimAsync(Cancel))));

        Assert.Single(claims, claim => claim is null);
        Assert.All(claims, claim => Assert.True(claim is null || claim == Claim));
        _clock.Jump(Claim);
        Assert.Null(await ScheduleOf(garden).ClaimAsync(Cancel));
        await ScheduleOf(garden).FinishAsync(Cancel);
        Assert.Equal(Every, await ScheduleOf(garden).ClaimAsync(Cancel));
    }

    private Task<TimeSpan> AwaitedAsync(TimeSpan time) => _clock.WhenAwaitedAsync(time, time);

    private static async Task<CollectionScheduleRow> RowAsync(ArtifactsGarden garden)
    {
        await using var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        return await context.CollectionSchedules.SingleAsync(Cancel);
    }

    /// <summary>As another replica has it.</summary>
    private CollectionSchedule ScheduleOf(ArtifactsGarden garden) =>
        new(garden.Part<IDbContextFactory<ArtifactsDbContext>>(), Options.Create(new ArtifactsOptions { CollectEvery = Every }), _clock);

    private async Task<ArtifactsGarden> StartAsync(params (string, string)[] settings)
    {
        var garden = await StartWithAsync([_repositories.Definition], await DatabaseAsync(), _clock, [("Artifacts:CollectEvery", $"{Every}"), .. settings]);
        // So that a collection has something to ask for.
        await garden.UploadAsync(Bytes(1000));
        _repositories.Commit(Bytes(1000));
        await using var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        await context.Files.ExecuteUpdateAsync(file => file.SetProperty(set => set.StoredAt, DateTimeOffset.UnixEpoch), Cancel);
        await context.TenantFiles.ExecuteUpdateAsync(held => held.SetProperty(set => set.NamedAt, DateTimeOffset.UnixEpoch), Cancel);
        return garden;
    }
}

public sealed class SqliteCollectionScheduleTests : CollectionScheduleContract
{
    private protected override Task<TestDatabase?> DatabaseAsync() => Task.FromResult<TestDatabase?>(null);
}

public sealed class PostgresCollectionScheduleTests : CollectionScheduleContract, IAsyncDisposable
{
    private TestDatabase? _database;

    private protected override async Task<TestDatabase?> DatabaseAsync() => _database = await TestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
}
