using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Entitlement.Tests;

/// <summary>Licences that are given by contract: for whom, from when to when, and for how many; on either engine.</summary>
public abstract class PartnerContract
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Decide_WithoutAContract_IsRefusedInWords()
    {
        await using var garden = await StartAsync();

        var decision = await DecideAsync(garden, "ann");

        Assert.Equal(("CONTRACT_MISSING", "an operator of the garden"), (decision.Rule, decision.Who));
        Assert.Contains("none names acme", decision.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decide_BeforeAndAfterTheContract_IsRefused()
    {
        await using var garden = await StartAsync();
        var now = garden.Clock.GetUtcNow();
        await PutAsync(garden, Contract(now.AddDays(1), now.AddDays(2)));

        Assert.Equal("CONTRACT_NOT_BEGUN", (await DecideAsync(garden, "ann")).Rule);
        garden.Clock.Jump(TimeSpan.FromDays(1));
        var within = await DecideAsync(garden, "ann");
        Assert.Equal(("LICENSE_FREE", now.AddDays(2)), (within.Rule, within.EndsAt.ToDateTimeOffset()));
        garden.Clock.Jump(TimeSpan.FromDays(1));
        Assert.Equal("CONTRACT_ENDED", (await DecideAsync(garden, "ann")).Rule);
    }

    [Fact]
    public async Task Decide_ManyAtOnce_TakeNoMoreSeatsThanThereAre()
    {
        await using var garden = await StartAsync();
        await PutAsync(garden, Contract(seats: 3));

        var decisions = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => DecideAsync(garden, $"person{i}"))));

        Assert.Equal(3, decisions.Count(decision => decision.Allowed));
        Assert.All(decisions.Where(decision => !decision.Allowed), decision => Assert.Equal("SEATS_TAKEN", decision.Rule));
        var listed = Assert.Single((await garden.As(People.Admin()).ListContractsAsync(new(), cancellationToken: Cancel)).Contracts);
        Assert.Equal((3, 3), (listed.SeatsTaken, listed.Accounts.Count));
        Assert.Equal(3, (await garden.AuditAsync()).Count(record => record.Action is "contract.seat"));
    }

    [Fact]
    public async Task ReleaseSeat_Taken_IsFreeForAnother()
    {
        await using var garden = await StartAsync();
        await PutAsync(garden, Contract(seats: 1));
        Assert.True((await DecideAsync(garden, "ann")).Allowed);
        Assert.True((await DecideAsync(garden, "ann")).Allowed);
        Assert.Equal("SEATS_TAKEN", (await DecideAsync(garden, "bob")).Rule);

        var released = await garden.As(People.Admin()).ReleaseSeatAsync(new() { Id = "c-1", Account = "ANN" }, cancellationToken: Cancel);

        Assert.Equal((0, 0), (released.SeatsTaken, released.Accounts.Count));
        Assert.True((await DecideAsync(garden, "bob")).Allowed);
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, "SEAT_NOT_TAKEN", garden.As(People.Admin()).ReleaseSeatAsync(new() { Id = "c-1", Account = "ann" }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, "CONTRACT_NOT_FOUND", garden.As(People.Admin("umbrella")).ReleaseSeatAsync(new() { Id = "c-1", Account = "bob" }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Decide_OnlyRead_TakesNoSeat()
    {
        await using var garden = await StartAsync();
        await PutAsync(garden, Contract(seats: 1));

        Assert.True((await garden.DecideAsync(People.Engineer(), Action.Read, "meta/llama", "partner-1.0")).Allowed);

        Assert.Equal(0, Assert.Single((await garden.As(People.Admin()).ListContractsAsync(new(), cancellationToken: Cancel)).Contracts).SeatsTaken);
    }

    [Fact]
    public async Task ListContracts_OfAnotherTenant_AreNotThere()
    {
        await using var garden = await StartAsync();
        await PutAsync(garden, Contract());

        Assert.Empty((await garden.As(People.Admin("umbrella")).ListContractsAsync(new(), cancellationToken: Cancel)).Contracts);
        Assert.Equal(["acme"], Assert.Single((await garden.As(People.Operator).ListContractsAsync(new(), cancellationToken: Cancel)).Contracts).Tenants);
    }

    [Fact]
    public async Task ListContracts_OfSeveralTenants_TellEachOfItsOwnSeatsAlone()
    {
        await using var garden = await StartAsync();
        var contract = Contract(seats: 2);
        contract.Tenants.Add("umbrella");
        await PutAsync(garden, contract);
        Assert.True((await DecideAsync(garden, "ann")).Allowed);

        var theirs = Assert.Single((await garden.As(People.Admin("umbrella")).ListContractsAsync(new(), cancellationToken: Cancel)).Contracts);
        var all = Assert.Single((await garden.As(People.Operator).ListContractsAsync(new(), cancellationToken: Cancel)).Contracts);

        Assert.Equal((0, 0), (theirs.SeatsTaken, theirs.Accounts.Count));
        Assert.Equal((1, 1), (all.SeatsTaken, all.Accounts.Count));
    }

    [Fact]
    public async Task PutContract_BadInput_IsRefused()
    {
        await using var garden = await StartAsync();
        var client = garden.As(People.Operator);
        foreach (var bad in new System.Action<PutContractRequest>[]
        {
            one => one.Id = "", one => one.Id = "C 1", one => one.Seats = 0, one => one.Tenants.Clear(), one => one.EndsAt = one.StartsAt, one => one.StartsAt = null,
        })
        {
            var request = Contract(garden.Clock.GetUtcNow(), garden.Clock.GetUtcNow().AddDays(1));
            bad(request);
            await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_CONTRACT", client.PutContractAsync(request, cancellationToken: Cancel));
        }

        var unknown = Contract();
        unknown.Tenants.Add("nobody");
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, "TENANT_NOT_FOUND", client.PutContractAsync(unknown, cancellationToken: Cancel));
    }

    private static PutContractRequest Contract(DateTimeOffset? from = null, DateTimeOffset? to = null, int seats = 5) => new()
    {
        Id = "c-1",
        Partner = "Meta",
        License = "partner-1.0",
        Tenants = { "Acme" },
        StartsAt = (from ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)).ToTimestamp(),
        EndsAt = (to ?? new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero)).ToTimestamp(),
        Seats = seats,
    };

    private static async Task PutAsync(EntitlementGarden garden, PutContractRequest contract) => await garden.As(People.Operator).PutContractAsync(contract, cancellationToken: Cancel);

    private static Task<Decision> DecideAsync(EntitlementGarden garden, string account) =>
        garden.DecideAsync(People.Person(account, "acme", Roles.Engineer), Action.Download, "meta/llama", "partner-1.0");

    private async Task<EntitlementGarden> StartAsync()
    {
        var garden = await OpenAsync();
        await garden.As(People.Curator).PutLicenseAsync(new() { Id = "partner-1.0", Title = "Partner", Text = "text", RequiresContract = true }, cancellationToken: Cancel);
        return garden;
    }

    private protected abstract Task<EntitlementGarden> OpenAsync();
}

public sealed class SqlitePartnerTests : PartnerContract
{
    private protected override Task<EntitlementGarden> OpenAsync() => EntitlementGarden.StartAsync(null);
}

public sealed class PostgresPartnerTests : PartnerContract
{
    private protected override async Task<EntitlementGarden> OpenAsync() => await EntitlementGarden.StartAsync(await TestDatabase.CreateAsync());
}
