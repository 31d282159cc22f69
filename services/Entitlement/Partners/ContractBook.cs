using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Entitlement.Licenses;
using ModelGarden.Entitlement.Tenants;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Rights.Licenses;

namespace ModelGarden.Entitlement.Partners;

/// <summary>A contract as an operator enters it, checked.</summary>
internal sealed record ContractWish(string Id, string Partner, LicenseId License, IReadOnlyList<string> Tenants, DateTimeOffset StartsAt, DateTimeOffset EndsAt, int Seats)
{
    private const int MostTenants = 100;
    private const int MostSeats = 1_000_000;

    public static Result<ContractWish> Create(PutContractRequest request, DateTimeOffset? startsAt, DateTimeOffset? endsAt)
    {
        var license = LicenseId.Create(request.License);
        var tenants = request.Tenants.Select(name => TenantName.Create(name)).ToList();
        if ((license.Error ?? tenants.Find(name => name.Error is not null)?.Error ?? Text.Refusal("partner", request.Partner, 1, 128) ?? Fault(request, startsAt, endsAt)) is { } fault)
        {
            return fault;
        }

        return new ContractWish(request.Id, request.Partner, license.Value, [.. tenants.Select(name => Key.Of(name.Value.Value)).Distinct()], startsAt!.Value, endsAt!.Value, request.Seats);
    }

    public static bool IsId(string id) => id.Length is > 0 and <= 64 && id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.');

    private static Error? Fault(PutContractRequest request, DateTimeOffset? startsAt, DateTimeOffset? endsAt) => request switch
    {
        _ when !IsId(request.Id) => Bad($"its id, '{Text.Shorten(request.Id)}', is not of 1 to 64 small letters, digits, '.' and '-'"),
        { Tenants.Count: 0 or > MostTenants } => Bad($"it names 1 to {MostTenants} tenants"),
        { Seats: <= 0 or > MostSeats } => Bad($"it has 1 to {MostSeats} seats"),
        _ when startsAt is null || endsAt is null || endsAt <= startsAt => Bad("it has starts_at and, after it, ends_at"),
        _ => null,
    };

    private static Error Bad(string what) => Error.Invalid("BAD_CONTRACT", $"this is no contract: {what}");
}

/// <summary>Partners' contracts, and who has the seats. A seat is taken and given free with the ledger held: never more than there are.</summary>
internal sealed class ContractBook(IDbContextFactory<EntitlementDbContext> contexts, Ledger ledger)
{
    private const int ListLimit = 1000;

    public Task<Result<Contract>> PutAsync(Caller caller, ContractWish wish, CancellationToken cancellationToken) =>
        ledger.WriteAsync(page => PutAsync(page, caller, wish, cancellationToken), cancellationToken);

    public async Task<Contract[]> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        var tenant = Key.Of(caller.Principal.Tenant);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var contracts = await context.Contracts.Where(row => caller.IsOperator || context.ContractTenants.Any(one => one.Contract == row.Id && one.Tenant == tenant))
            .OrderBy(row => row.Id).Take(ListLimit).ToListAsync(cancellationToken);
        var found = new List<Contract>();
        foreach (var contract in contracts)
        {
            found.Add(await DescribeAsync(context, contract, caller.IsOperator ? null : tenant, cancellationToken));
        }

        return [.. found];
    }

    public Task<Result<Contract>> ReleaseAsync(Caller caller, string contract, AccountName account, CancellationToken cancellationToken) =>
        ledger.WriteAsync(page => ReleaseAsync(page, caller, contract, account, cancellationToken), cancellationToken);

    /// <summary>How an account stands to the contracts of these licences.</summary>
    public static async Task<ILookup<string, ContractFact>> FactsAsync(
        EntitlementDbContext context, (string Tenant, string Account) who, string[] licenses, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var contracts = licenses.Length is 0 ? [] : await context.Contracts
            .Where(row => licenses.Contains(row.License) && context.ContractTenants.Any(one => one.Contract == row.Id && one.Tenant == who.Tenant))
            .Select(row => new
            {
                Row = row,
                Taken = context.ContractSeats.Count(seat => seat.Contract == row.Id),
                Seated = context.ContractSeats.Any(seat => seat.Contract == row.Id && seat.Tenant == who.Tenant && seat.AccountKey == who.Account),
            })
            .ToListAsync(cancellationToken);
        return contracts.ToLookup(one => one.Row.License, one => ContractFact.Of(one.Row.ToTerms(), one.Taken, one.Seated, now));
    }

    /// <summary>Takes a seat for an account that has none; false: it has one by now, or there is none any more.</summary>
    public Task<Result<bool>> SeatAsync(Caller caller, string contract, CancellationToken cancellationToken) =>
        ledger.WriteAsync<bool>(async page => await SeatAsync(page, caller, contract, cancellationToken), cancellationToken);

    private static async Task<bool> SeatAsync(LedgerPage page, Caller caller, string id, CancellationToken cancellationToken)
    {
        var (tenant, account) = (Key.Of(caller.Principal.Tenant), Key.Of(caller.Principal.Name));
        var contract = await page.Context.Contracts.FirstOrDefaultAsync(row => row.Id == id, cancellationToken);
        var facts = contract is null ? null : await FactsAsync(page.Context, (tenant, account), [contract.License], page.Now, cancellationToken);
        if (facts is null || !facts[contract!.License].Any(fact => fact.Id == id && fact.State is ContractState.SeatFree))
        {
            return false;
        }

        var seat = new SeatRow { Contract = id, Tenant = tenant, AccountKey = account, Account = caller.Principal.Name, TakenAt = page.Now };
        page.Context.Add(seat);
        page.Context.Announce(seat.FeedKey, seat.ToMessage());
        page.Record(tenant, caller.Principal.Name, "contract.seat", id, ("license", contract.License));
        return true;
    }

    private static async Task<Result<Contract>> PutAsync(LedgerPage page, Caller caller, ContractWish wish, CancellationToken cancellationToken)
    {
        var known = await page.Context.Tenants.Where(row => wish.Tenants.Contains(row.Key)).Select(row => row.Key).ToListAsync(cancellationToken);
        if (wish.Tenants.FirstOrDefault(tenant => !known.Contains(tenant)) is { } unknown)
        {
            return TenantErrors.NotFound(unknown);
        }

        if (!await page.Context.Licenses.AnyAsync(row => row.Id == wish.License.Value, cancellationToken))
        {
            return LicenseBook.NotFound(wish.License);
        }

        var contract = new ContractRow { Id = wish.Id, Partner = wish.Partner, License = wish.License.Value, StartsAt = wish.StartsAt, EndsAt = wish.EndsAt, Seats = wish.Seats };
        page.Context.Entry(contract).State = await page.Context.Contracts.AnyAsync(row => row.Id == wish.Id, cancellationToken) ? EntityState.Modified : EntityState.Added;
        await page.Context.ContractTenants.Where(row => row.Contract == wish.Id).ExecuteDeleteAsync(cancellationToken);
        await FreeAsync(page, page.Context.ContractSeats.Where(seat => seat.Contract == wish.Id && !wish.Tenants.Contains(seat.Tenant)), cancellationToken);
        page.Context.AddRange(wish.Tenants.Select(tenant => new ContractTenantRow { Contract = wish.Id, Tenant = tenant }));
        var seats = await page.Context.ContractSeats.Where(seat => seat.Contract == wish.Id).ToListAsync(cancellationToken);
        Tell(page, contract, wish.Tenants, seats.Count);
        page.Record(
            Key.Of(caller.Principal.Tenant),
            caller.Principal.Name,
            "contract.put",
            contract.Id,
            ("partner", contract.Partner),
            ("license", contract.License),
            ("tenants", string.Join(' ', wish.Tenants)),
            ("starts_at", contract.StartsAt.ToUnixTimeMilliseconds()),
            ("ends_at", contract.EndsAt.ToUnixTimeMilliseconds()),
            ("seats", contract.Seats));
        return contract.ToMessage(wish.Tenants, seats, seats.Count);
    }

    private static async Task<Result<Contract>> ReleaseAsync(LedgerPage page, Caller caller, string id, AccountName account, CancellationToken cancellationToken)
    {
        var (tenant, key) = (Key.Of(caller.Principal.Tenant), Key.Of(account.Value));
        var contract = !ContractWish.IsId(id) ? null : await page.Context.Contracts.FirstOrDefaultAsync(row => row.Id == id && page.Context.ContractTenants.Any(one => one.Contract == id && one.Tenant == tenant), cancellationToken);
        if (contract is null)
        {
            return Error.NotFound("CONTRACT_NOT_FOUND", $"there is no contract '{Text.Shorten(id)}' that names {tenant}: ListContracts lists those that do");
        }

        if (await FreeAsync(page, page.Context.ContractSeats.Where(seat => seat.Contract == id && seat.Tenant == tenant && seat.AccountKey == key), cancellationToken) is 0)
        {
            return Error.NotFound("SEAT_NOT_TAKEN", $"{account} of {tenant} has no seat of the contract {id}");
        }

        var tenants = await page.Context.ContractTenants.Where(row => row.Contract == id).Select(row => row.Tenant).ToListAsync(cancellationToken);
        Tell(page, contract, tenants, await page.Context.ContractSeats.CountAsync(seat => seat.Contract == id, cancellationToken));
        page.Record(tenant, caller.Principal.Name, "contract.release", id, ("account", Personal.Name(account.Value)));
        return await DescribeAsync(page.Context, contract, tenant, cancellationToken);
    }

    /// <summary>How many there were.</summary>
    private static async Task<int> FreeAsync(LedgerPage page, IQueryable<SeatRow> seats, CancellationToken cancellationToken)
    {
        foreach (var seat in await seats.ToListAsync(cancellationToken))
        {
            page.Context.Announce(seat.FeedKey, null);
        }

        return await seats.ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>So that answers which rest on it are asked for anew.</summary>
    private static void Tell(LedgerPage page, ContractRow contract, IEnumerable<string> tenants, int taken) => page.Context.Announce($"contract/{contract.Id}", contract.ToMessage(tenants, [], taken));

    /// <param name="context">The store.</param>
    /// <param name="contract">Which.</param>
    /// <param name="tenant">Who sees nothing of others; null: all of them.</param>
    /// <param name="cancellationToken">Ends it.</param>
    private static async Task<Contract> DescribeAsync(EntitlementDbContext context, ContractRow contract, string? tenant, CancellationToken cancellationToken)
    {
        var tenants = tenant is not null ? [tenant] : await context.ContractTenants.Where(row => row.Contract == contract.Id).Select(row => row.Tenant).ToListAsync(cancellationToken);
        var seats = await context.ContractSeats.Where(seat => seat.Contract == contract.Id && (tenant == null || seat.Tenant == tenant)).OrderBy(seat => seat.AccountKey).Take(ListLimit).ToListAsync(cancellationToken);
        var taken = await context.ContractSeats.CountAsync(seat => seat.Contract == contract.Id && (tenant == null || seat.Tenant == tenant), cancellationToken);
        return contract.ToMessage(tenants, seats, taken);
    }
}
