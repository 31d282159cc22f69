using System.Collections.Concurrent;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Entitlement.Tenants;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Rights.Policies;

namespace ModelGarden.Entitlement.Policies;

/// <summary>What somebody wants a policy to be.</summary>
/// <param name="Text">YAML or JSON.</param>
/// <param name="Reason">For those who read its history.</param>
/// <param name="Expected">The version that he means to replace; 0: there is none.</param>
internal sealed record PolicyWish(string Text, string Reason, int Expected);

/// <summary>Keeps every version of every policy, and says which ones stand.</summary>
internal sealed class PolicyBook(IDbContextFactory<EntitlementDbContext> contexts, Ledger ledger)
{
    private const int LongestReason = 500;
    private const int DefaultPage = 100;
    private const int LargestPage = 1000;
    private const int ReadLimit = 2000;

    // A version never changes, so what was read of it holds for ever.
    private readonly ConcurrentDictionary<(string Scope, int Version), StandingPolicy> _read = new();

    /// <param name="scope">Whose.</param>
    /// <param name="version">0: the one that stands.</param>
    /// <param name="cancellationToken">Nobody waits any more.</param>
    public async Task<Result<Contracts.V1.Policy>> GetAsync(PolicyScope scope, int version, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await AbsenceAsync(context, scope, cancellationToken) is { } absent)
        {
            return absent;
        }

        var versions = context.PolicyVersions.Where(row => row.Scope == scope.Key);
        var found = version is 0
            ? await versions.OrderByDescending(row => row.Version).FirstOrDefaultAsync(cancellationToken)
            : await versions.FirstOrDefaultAsync(row => row.Version == version, cancellationToken);
        return (found, version) switch
        {
            ({ } row, _) => row.ToMessage(),
            (null, 0) => new Contracts.V1.Policy { Tenant = scope.Tenant },
            _ => Error.NotFound("POLICY_VERSION_NOT_FOUND", $"{scope.Title} has no version {version}"),
        };
    }

    public async Task<Result<Contracts.V1.Policy[]>> ListAsync(PolicyScope scope, int before, int pageSize, CancellationToken cancellationToken)
    {
        if (pageSize is < 0 or > LargestPage || before < 0)
        {
            return Error.Invalid("BAD_PAGE", $"a page has 1 to {LargestPage} versions (0: {DefaultPage}), before a version that is not negative");
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await AbsenceAsync(context, scope, cancellationToken) is { } absent)
        {
            return absent;
        }

        var rows = await context.PolicyVersions.Where(row => row.Scope == scope.Key && (before == 0 || row.Version < before))
            .OrderByDescending(row => row.Version).Take(pageSize is 0 ? DefaultPage : pageSize).ToListAsync(cancellationToken);
        return rows.Select(row => row.ToMessage(withText: false)).ToArray();
    }

    public async Task<Result<Contracts.V1.Policy>> SetAsync(Caller caller, PolicyScope scope, PolicyWish wish, CancellationToken cancellationToken)
    {
        var policy = PolicyReader.Read(wish.Text);
        return (scope.Refusal(caller) ?? policy.Error ?? Text.Refusal("reason", wish.Reason, 1, LongestReason)) is { } refusal
            ? refusal
            : await ledger.WriteAsync(page => SetAsync(page, caller, scope, wish, policy.Value.Rules.Count, cancellationToken), cancellationToken);
    }

    /// <summary>The policies that a tenant's people are under, the garden's first. Read from the store each time: what is set holds from then on, on every replica.</summary>
    public async Task<IReadOnlyList<StandingPolicy>> StandingAsync(EntitlementDbContext context, string tenantKey, CancellationToken cancellationToken)
    {
        var rows = await context.Policies.Where(row => row.Scope == "" || row.Scope == tenantKey).OrderBy(row => row.Scope).ToListAsync(cancellationToken);
        var standing = new List<StandingPolicy>(rows.Count);
        foreach (var row in rows)
        {
            standing.Add(_read.GetValueOrDefault((row.Scope, row.Version)) ?? await ReadAsync(context, row, cancellationToken));
        }

        return standing;
    }

    private async Task<StandingPolicy> ReadAsync(EntitlementDbContext context, PolicyRow row, CancellationToken cancellationToken)
    {
        var text = await context.PolicyVersions.Where(version => version.Scope == row.Scope && version.Version == row.Version).Select(version => version.Text).SingleAsync(cancellationToken);
        if (_read.Count >= ReadLimit)
        {
            _read.Clear();
        }

        return _read[(row.Scope, row.Version)] = new(row.Tenant, row.Version, PolicyReader.Read(text).Value);
    }

    private static async Task<Result<Contracts.V1.Policy>> SetAsync(LedgerPage page, Caller caller, PolicyScope scope, PolicyWish wish, int rules, CancellationToken cancellationToken)
    {
        if (await AbsenceAsync(page.Context, scope, cancellationToken) is { } absent)
        {
            return absent;
        }

        var standing = await page.Context.PolicyVersions.Where(row => row.Scope == scope.Key).OrderByDescending(row => row.Version).FirstOrDefaultAsync(cancellationToken);
        if (standing?.Text == wish.Text)
        {
            return standing.ToMessage();
        }

        if ((standing?.Version ?? 0) != wish.Expected)
        {
            return Error.Conflict("POLICY_CHANGED", standing is null
                ? $"{scope.Title} was never set: expect version 0"
                : $"version {standing.Version} of {scope.Title} stands, which {standing.Author} set at {standing.SetAt:u}, not {wish.Expected}: look at it, then set yours with expected_version {standing.Version}");
        }

        var version = new PolicyVersionRow
        {
            Scope = scope.Key,
            Tenant = standing?.Tenant ?? scope.Tenant,
            Version = wish.Expected + 1,
            Text = wish.Text,
            Rules = rules,
            Author = caller.Principal.Name,
            Reason = wish.Reason,
            SetAt = page.Now,
        };
        Keep(page, caller, version, isFirst: standing is null);
        return version.ToMessage();
    }

    private static void Keep(LedgerPage page, Caller caller, PolicyVersionRow version, bool isFirst)
    {
        page.Context.Add(version);
        var standing = new PolicyRow { Scope = version.Scope, Tenant = version.Tenant, Version = version.Version };
        page.Context.Entry(standing).State = isFirst ? EntityState.Added : EntityState.Modified;
        page.Context.Announce($"policy/{version.Scope}", version.ToMessage());
        page.Record(
            version.Scope.Length > 0 ? version.Scope : Key.Of(caller.Principal.Tenant),
            version.Author,
            "policy.set",
            version.Scope.Length > 0 ? version.Tenant : "the garden",
            ("version", version.Version),
            ("rules", version.Rules),
            ("reason", version.Reason),
            ("text_sha256", Sha256Digest.Of(Encoding.UTF8.GetBytes(version.Text)).Hex));
    }

    private static async Task<Error?> AbsenceAsync(EntitlementDbContext context, PolicyScope scope, CancellationToken cancellationToken) =>
        scope.IsGarden || await context.Tenants.AnyAsync(tenant => tenant.Key == scope.Key, cancellationToken) ? null : TenantErrors.NotFound(scope.Tenant);
}
