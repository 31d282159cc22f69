using Microsoft.EntityFrameworkCore;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Entitlement.Tests;

/// <summary>The audit trail: whole under concurrency, and telling when it was touched, on either engine.</summary>
public abstract class AuditContract
{
    private static CancellationToken Cancel => Patience.Cancel;

    public static TheoryData<string, string> Touches => new()
    {
        { "UPDATE audit SET detail = replace(detail, 'Acme', 'Bcme') WHERE action = 'tenant.create'", "was changed" },
        { "UPDATE audit SET tenant = 'umbrella' WHERE sequence = 2", "record 2 was changed" },
        { "DELETE FROM audit WHERE sequence = 3", "record 3 is missing" },
        { "DELETE FROM audit WHERE sequence = (SELECT MAX(sequence) FROM audit)", "missing at the end" },
        { "UPDATE audit SET sequence = 99 WHERE sequence = 3; UPDATE audit SET sequence = 3 WHERE sequence = 4; UPDATE audit SET sequence = 4 WHERE sequence = 99", "record 3 does not follow record 2" },
    };

    [Theory]
    [MemberData(nameof(Touches))]
    public async Task Fault_TrailTouchedInTheStore_IsFound(string touch, string fault)
    {
        await using var garden = await StartAsync();
        await garden.AuditAsync();

        await using (var context = await garden.Part<IDbContextFactory<EntitlementDbContext>>().CreateDbContextAsync(Cancel))
        {
            await context.Database.ExecuteSqlRawAsync(touch, Cancel);
        }

        Assert.Contains(fault, await garden.Part<AuditTrail>().FaultAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Append_SixteenAtOnce_KeepsTheChain()
    {
        await using var garden = await StartAsync();
        var before = (await garden.AuditAsync()).Count;

        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => garden.As(People.Operator).SetMemberAsync(
            new() { Tenant = "acme", Account = $"member{i}", Roles = { Roles.Engineer } }, cancellationToken: Cancel).ResponseAsync)));

        var records = await garden.AuditAsync();
        Assert.Equal(before + 16, records.Count);
        Assert.Equal(Enumerable.Range(1, records.Count).Select(i => (long)i), records.Select(record => record.Sequence));
    }

    [Fact]
    public async Task ListAudit_Pages_AreTheWholeTrailInOrder()
    {
        await using var garden = await StartAsync();
        var all = await garden.AuditAsync();
        var client = garden.As(People.Operator);

        var first = await client.ListAuditAsync(new() { PageSize = 3 }, cancellationToken: Cancel);
        var rest = await client.ListAuditAsync(new() { After = first.Records[^1].Sequence }, cancellationToken: Cancel);

        Assert.Equal(all, first.Records.Concat(rest.Records));
        await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_PAGE", client.ListAuditAsync(new() { PageSize = 1001 }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task ListAudit_ByRole_ShowsTheTenantOrTheGarden()
    {
        await using var garden = await StartAsync();

        var own = await garden.As(People.Admin()).ListAuditAsync(new(), cancellationToken: Cancel);
        var whole = await garden.As(People.Person("aud", "acme", Roles.Auditor)).ListAuditAsync(new(), cancellationToken: Cancel);

        Assert.Equal("acme", Assert.Single(own.Records).Tenant);
        Assert.Equal(await garden.AuditAsync(), whole.Records);
        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_MISSING", garden.As(People.Engineer()).ListAuditAsync(new(), cancellationToken: Cancel));
    }

    [Fact]
    public async Task Write_ThatFails_LeavesNothingBehind()
    {
        await using var garden = await StartAsync();
        var before = await garden.AuditAsync();

        await EntitlementGarden.RefusedAsync(ErrorCode.AlreadyExists, "TENANT_EXISTS", garden.As(People.Operator).CreateTenantAsync(new() { Name = "acme" }, cancellationToken: Cancel));

        Assert.Equal(before, await garden.AuditAsync());
    }

    private protected abstract Task<EntitlementGarden> StartAsync();
}

public sealed class SqliteAuditTests : AuditContract
{
    private protected override Task<EntitlementGarden> StartAsync() => EntitlementGarden.StartAsync(null);
}

public sealed class PostgresAuditTests : AuditContract
{
    private protected override async Task<EntitlementGarden> StartAsync() => await EntitlementGarden.StartAsync(await TestDatabase.CreateAsync());
}
