using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Rights.Decisions;

namespace ModelGarden.Entitlement.AccessRequests;

/// <summary>Who asks for access: what Identity calls him, and what he answers to the form.</summary>
internal sealed record Asker(string FullName, string Email, string Fields);

/// <summary>What an owner decides of an account.</summary>
internal sealed record AccessWish(AccountName Account, AccessStatus Status, string RejectionReason, DateTimeOffset? Until);

/// <summary>
/// Takes requests for access to gated repositories, and what their owners decide. Each change is in the audit trail of the owner's tenant, with the account that it is about
/// and without anything else of that person.
/// </summary>
internal sealed class AccessDesk(Ledger ledger)
{
    private const int LongestReason = 1000;

    /// <summary>For the caller. What stands is answered as it is, unless the gate has become automatic.</summary>
    public async Task<Result<AccessRequestRow>> RequestAsync(Caller caller, GatedRepository repository, Asker asker, CancellationToken cancellationToken) => caller.IsOf(repository.Name.Owner.Value)
        ? AccessErrors.NotNeeded(repository.Name)
        : await ledger.WriteAsync(page => RequestAsync(page, caller, repository, asker, cancellationToken), cancellationToken);

    /// <summary>Decides of a request that is there.</summary>
    public async Task<Result<AccessRequestRow>> HandleAsync(Caller caller, GatedRepository repository, AccessWish wish, CancellationToken cancellationToken) =>
        (caller.WriteFault(repository.Name.Owner) ?? Fault(wish)) is { } error ? error
        : await ledger.WriteAsync(
            async page => await FindAsync(page.Context, repository.Id, wish.Account, cancellationToken) is { } standing
                ? Decide(page, caller, repository, standing, wish)
                : AccessErrors.NotFound(wish.Account.Value, repository.Name),
            cancellationToken);

    /// <summary>Lets an account in, whether it asked or not.</summary>
    public async Task<Result<AccessRequestRow>> GrantAsync(Caller caller, GatedRepository repository, AccessWish wish, CancellationToken cancellationToken) =>
        (caller.WriteFault(repository.Name.Owner) ?? Fault(wish)) is { } error ? error
        : await ledger.WriteAsync(
            async page => Decide(page, caller, repository, await FindAsync(page.Context, repository.Id, wish.Account, cancellationToken), wish),
            cancellationToken);

    /// <summary>Null: there is none.</summary>
    public static Task<AccessRequestRow?> FindAsync(EntitlementDbContext context, string repositoryId, AccountName account, CancellationToken cancellationToken)
    {
        var key = Key.Of(account.Value);
        return context.AccessRequests.FirstOrDefaultAsync(row => row.RepositoryId == repositoryId && row.AccountKey == key, cancellationToken);
    }

    private static async Task<Result<AccessRequestRow>> RequestAsync(LedgerPage page, Caller caller, GatedRepository repository, Asker asker, CancellationToken cancellationToken)
    {
        var account = AccountName.Create(caller.Principal.Name).Value;
        var standing = await FindAsync(page.Context, repository.Id, account, cancellationToken);
        if (standing is { Status: AccessStatus.Rejected })
        {
            return AccessErrors.Rejected(standing);
        }

        if (standing is not null && (standing.ToFact().Grants(page.Now) || (standing.Status is AccessStatus.Pending && !repository.IsAutomatic)))
        {
            return standing;
        }

        var next = New(page, repository, account, repository.IsAutomatic ? AccessStatus.Accepted : AccessStatus.Pending) with
        {
            Tenant = caller.Principal.Tenant,
            FullName = asker.FullName,
            Email = asker.Email,
            Fields = asker.Fields,
            AskedAt = page.Now,
        };
        return Keep(page, repository, standing, next, "access.request", account.Value);
    }

    private static Result<AccessRequestRow> Decide(LedgerPage page, Caller caller, GatedRepository repository, AccessRequestRow? standing, AccessWish wish)
    {
        if (wish.Until <= page.Now)
        {
            return Error.Invalid("BAD_UNTIL", $"until is {wish.Until:u}, which is past: access lasts to a time to come");
        }

        if (standing is not null && standing.Status == wish.Status && standing.Until == wish.Until && (wish.RejectionReason.Length is 0 || wish.RejectionReason == standing.RejectionReason))
        {
            return AccessErrors.AlreadySo(standing);
        }

        var next = (standing ?? New(page, repository, wish.Account, wish.Status)) with
        {
            Repository = repository.Name.Value,
            Status = wish.Status,
            ChangedAt = page.Now,
            DecidedBy = wish.Status is AccessStatus.Pending ? "" : caller.Principal.Name,
            RejectionReason = wish.RejectionReason,
            Until = wish.Until,
        };
        return Keep(page, repository, standing, next, ActionOf(wish.Status), caller.Principal.Name);
    }

    private static AccessRequestRow Keep(LedgerPage page, GatedRepository repository, AccessRequestRow? standing, AccessRequestRow next, string action, string by)
    {
        page.Context.Entry(next).State = standing is null ? EntityState.Added : EntityState.Modified;
        page.Context.Announce(next.FeedKey, next.ToFeedState());
        page.Record(
            Key.Of(repository.Name.Owner.Value),
            by,
            action,
            next.Repository,
            ("repository", next.RepositoryId),
            ("account", Personal.Name(next.Account)),
            ("status", AccessErrors.Word(next.Status)),
            ("status_before", standing is null ? "" : AccessErrors.Word(standing.Status)),
            ("rejection_reason", new Personal(next.Account, next.RejectionReason)),
            ("until", next.Until?.ToUnixTimeMilliseconds() ?? 0));
        return next;
    }

    private static AccessRequestRow New(LedgerPage page, GatedRepository repository, AccountName account, AccessStatus status) => new()
    {
        RepositoryId = repository.Id,
        AccountKey = Key.Of(account.Value),
        Repository = repository.Name.Value,
        Kind = repository.Kind,
        Account = account.Value,
        Status = status,
        ChangedAt = page.Now,
    };

    private static Error? Fault(AccessWish wish) => wish switch
    {
        _ when AccessErrors.StatusFault(wish.Status) is { } unknown => unknown,
        { Status: not AccessStatus.Rejected, RejectionReason.Length: > 0 } => Error.Invalid("BAD_STATUS", "a reason for the rejection is given with a rejection alone"),
        { Status: not AccessStatus.Accepted, Until: not null } => Error.Invalid("BAD_UNTIL", "an end is given with what is accepted alone"),
        _ => Text.Refusal("rejection_reason", wish.RejectionReason, 0, LongestReason),
    };

    private static string ActionOf(AccessStatus status) => status switch
    {
        AccessStatus.Accepted => "access.grant",
        AccessStatus.Rejected => "access.reject",
        _ => "access.suspend",
    };
}
