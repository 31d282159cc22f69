using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ModelGarden.Catalog.Lifecycles;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>What is deprecated retires on the date that was named.</summary>
public abstract class RetirementTests(Engine engine) : CatalogContract(engine)
{
    private readonly ManualClock _clock = new(new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    protected override TimeProvider Clock => _clock;

    [Fact]
    public async Task Deprecated_DateHasCome_RetiresByItselfOnce()
    {
        await PublishAsync();
        await DeprecateAsync(_clock.GetUtcNow().AddDays(1));
        await RetireAllAsync();
        Assert.Equal(Lifecycle.Deprecated, await StateAsync());

        _clock.Jump(TimeSpan.FromDays(1));
        await Task.WhenAll(RetireAllAsync(), RetireAllAsync());

        Assert.Equal(Lifecycle.Retired, await StateAsync());
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Stranger.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)));
        var steps = (await Engineer.ListLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel)).Steps;
        var retired = Assert.Single(steps, step => step.Action is LifecycleAction.Retire);
        Assert.Equal(("catalog", "the date that its deprecation named has come"), (retired.Account, retired.Comment));
        Assert.Equal("", (await Engineer.VerifyLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel)).Fault);
    }

    [Fact]
    public async Task Deprecated_DateTakenBack_Stays()
    {
        await PublishAsync();
        await DeprecateAsync(_clock.GetUtcNow().AddDays(1));
        await DeprecateAsync(null);

        _clock.Jump(TimeSpan.FromDays(2));
        await RetireAllAsync();

        Assert.Equal(Lifecycle.Deprecated, await StateAsync());
    }

    [Fact]
    public async Task Deprecate_DateThatHasPassed_IsRefused()
    {
        await PublishAsync();

        Assert.Equal("BAD_DATE", await ReasonAsync(Curator.ChangeLifecycleAsync(Deprecation(_clock.GetUtcNow()), cancellationToken: Cancel)));
    }

    [Theory]
    [InlineData(253_402_300_800, 0)]
    [InlineData(-62_135_596_801, 0)]
    [InlineData(long.MaxValue, 0)]
    [InlineData(1_800_000_000, -1)]
    [InlineData(1_800_000_000, 1_000_000_000)]
    public async Task Deprecate_DateThatIsNone_IsRefusedByItsName(long seconds, int nanos)
    {
        await PublishAsync();

        var error = await ErrorAsync(Curator.ChangeLifecycleAsync(
            new() { Name = Model, Action = LifecycleAction.Deprecate, RetiresAt = new() { Seconds = seconds, Nanos = nanos } }, cancellationToken: Cancel));

        Assert.Equal((Kernel.ErrorCode.InvalidArgument, "BAD_DATE"), (error.Code, error.Reason));
        Assert.StartsWith("retires_at, ", error.Message, StringComparison.Ordinal);
    }

    private async Task DeprecateAsync(DateTimeOffset? date) => await Curator.ChangeLifecycleAsync(Deprecation(date), cancellationToken: Cancel);

    private static ChangeLifecycleRequest Deprecation(DateTimeOffset? date) =>
        new() { Name = Model, Action = LifecycleAction.Deprecate, RetiresAt = date is { } at ? Timestamp.FromDateTimeOffset(at) : null };

    private async Task<Lifecycle> StateAsync() => (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Lifecycle;

    private Task RetireAllAsync() => Garden.PartsOf(ServiceNames.Catalog).GetServices<IHostedService>().OfType<RetirementWorker>().Single().RetireAllAsync(Cancel);
}

public sealed class RetirementOnSqliteTests() : RetirementTests(Engine.Sqlite);

public sealed class RetirementOnPostgresTests() : RetirementTests(Engine.Postgres);
