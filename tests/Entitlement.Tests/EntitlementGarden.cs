using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Entitlement.Tests;

/// <summary>A real Entitlement with the tenants <c>acme</c> and <c>umbrella</c>.</summary>
internal sealed class EntitlementGarden : IAsyncDisposable
{
    private readonly TestDatabase? _database;

    private EntitlementGarden(TestGarden garden, TestDatabase? database, ManualClock clock) => (Garden, _database, Clock) = (garden, database, clock);

    public TestGarden Garden { get; }

    public ManualClock Clock { get; }

    private static CancellationToken Cancel => Patience.Cancel;

    public static async Task<EntitlementGarden> StartAsync(TestDatabase? database, IReadOnlyDictionary<string, string>? settings = null)
    {
        // Noon, so that an hour more or less is the same day.
        var clock = new ManualClock(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
        var garden = await TestGarden.StartAsync(database, clock, settings, EntitlementModule.Definition, CatalogDouble.Definition, DeploymentDouble.Definition);
        var started = new EntitlementGarden(garden, database, clock);
        await started.As(People.Operator).CreateTenantAsync(new() { Name = "acme", DisplayName = "Acme Ltd" }, cancellationToken: Cancel);
        await started.As(People.Operator).CreateTenantAsync(new() { Name = "umbrella" }, cancellationToken: Cancel);
        return started;
    }

    public Contracts.V1.Entitlement.EntitlementClient As(Principal principal) => new(Garden.As(principal, ServiceNames.Entitlement));

    public T Part<T>()
        where T : notnull => Garden.PartsOf(ServiceNames.Entitlement).GetRequiredService<T>();

    public async Task<Decision> DecideAsync(Principal principal, Action action, string repository, params string[] licenses) => await As(principal).DecideAsync(
        new() { Action = action, Resource = new() { Repository = repository, Licenses = { licenses } } }, cancellationToken: Cancel);

    public async Task<Acceptance> AcceptAsync(Principal principal, string license)
    {
        var text = await As(principal).GetLicenseAsync(new() { Id = license }, cancellationToken: Cancel);
        return await As(principal).AcceptLicenseAsync(new() { Id = license, TextSha256 = text.TextSha256 }, cancellationToken: Cancel);
    }

    /// <summary>The whole trail, after a check of its chain.</summary>
    public async Task<IReadOnlyList<AuditRecord>> AuditAsync()
    {
        Assert.Null(await Part<AuditTrail>().FaultAsync(Cancel));
        return (await As(People.Operator).ListAuditAsync(new() { PageSize = 1000 }, cancellationToken: Cancel)).Records;
    }

    /// <summary>All that the feed says, from its beginning to what is there now.</summary>
    public async Task<IReadOnlyList<Change>> FeedAsync()
    {
        using var call = new ChangeFeed.ChangeFeedClient(Garden.As(People.Service(ServiceNames.Identity), ServiceNames.Entitlement)).Watch(new(), cancellationToken: Cancel);
        var changes = new List<Change>();
        while (await call.ResponseStream.MoveNext(Cancel) && call.ResponseStream.Current.EventCase is not FeedEvent.EventOneofCase.CaughtUp)
        {
            if (call.ResponseStream.Current.Change is { } change)
            {
                changes.Add(change);
            }
        }

        return changes;
    }

    public async ValueTask DisposeAsync()
    {
        await Garden.DisposeAsync();
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    /// <summary>The call is refused with this code and reason; answers what it said.</summary>
    public static async Task<string> RefusedAsync<T>(ErrorCode code, string reason, AsyncUnaryCall<T> call)
    {
        var exception = await Assert.ThrowsAsync<RpcException>(async () => await call);
        var error = exception.ToError("the service");
        Assert.Equal((code, reason), (error.Code, error.Reason));
        return error.Message;
    }
}
