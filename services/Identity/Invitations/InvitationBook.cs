using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Authentication;
using ModelGarden.Identity.Passwords;
using ModelGarden.Identity.Secrets;
using ModelGarden.Identity.Sessions;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.Invitations;

/// <summary>Who accepts an invitation, as he typed it.</summary>
internal sealed record Acceptance(string Name, string DisplayName, string Password);

/// <summary>Makes, lists, takes back and accepts invitations.</summary>
internal sealed partial class InvitationBook(
    IDbContextFactory<IdentityDbContext> contexts,
    AccountMaker maker,
    LinkMakers makers,
    PasswordBook passwords,
    PasswordHashing hashing,
    SessionBook sessions,
    TimeProvider clock,
    ILogger<InvitationBook> logger)
{
    public const string Page = "/account/invitation";
    private const int Most = 1000;

    /// <summary>The invitation, and its link for this one time.</summary>
    public async Task<Result<(InvitationRow Invitation, string Path)>> CreateAsync(Caller caller, InvitationWish wish, CancellationToken cancellationToken)
    {
        if ((await sessions.StaleAsync(caller, cancellationToken) ?? await maker.TenantRefusalAsync(wish.Tenant, cancellationToken)) is { } refusal)
        {
            return refusal;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var (now, tenant, secret) = (clock.GetStoredNow(), Key.Of(wish.Tenant.Value), SecretText.Make());
        if (await context.Invitations.CountAsync(row => row.TenantKey == tenant && row.AcceptedAt == null && row.RevokedAt == null && row.ExpiresAt > now, cancellationToken) >= Most)
        {
            return Error.Exhausted("TOO_MANY_INVITATIONS", $"{wish.Tenant} has {Most} open invitations, the most there may be: revoke those that nobody will accept");
        }

        var invitation = Make(wish, SecretText.HashOf(secret), caller, now);
        context.Add(invitation);
        await context.SaveChangesAsync(cancellationToken);
        LogInvited(caller.Principal.Name, invitation.Tenant, invitation.Id);
        return (invitation, $"{Page}?link={secret}");
    }

    /// <summary>The newest of a tenant's, newest first.</summary>
    public async Task<Result<InvitationRow[]>> ListAsync(Result<TenantName> tenant, CancellationToken cancellationToken)
    {
        if (tenant.Error is not null)
        {
            return tenant.Error;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var key = Key.Of(tenant.Value.Value);
        return await context.Invitations.Where(row => row.TenantKey == key)
            .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(Most).ToArrayAsync(cancellationToken);
    }

    public async Task<Result<InvitationRow>> RevokeAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var invitation = Key.IsId(id) ? await context.Invitations.FirstOrDefaultAsync(row => row.Id == id, cancellationToken) : null;
        if (invitation is null || !(caller.IsOperator || caller.IsOf(invitation.Tenant)))
        {
            return Error.NotFound("INVITATION_NOT_FOUND", $"there is no invitation '{Text.Shorten(id)}' into a tenant that you administer");
        }

        if (invitation.RevokedAt is not null)
        {
            return invitation;
        }

        DateTimeOffset? now = clock.GetStoredNow();
        if (await context.Invitations.Where(row => row.Id == id && row.AcceptedAt == null).ExecuteUpdateAsync(row => row.SetProperty(one => one.RevokedAt, now), cancellationToken) is 0)
        {
            return Error.Conflict("INVITATION_ACCEPTED", "the invitation was accepted: disable the account that was made, if it is not to be");
        }

        invitation.RevokedAt = now;
        return invitation;
    }

    /// <summary>The invitation of a link; the same refusal for one that was never given out, was used or taken back, is too old, or whose maker could not make it now.</summary>
    public async Task<Result<InvitationRow>> FindAsync(string link, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var invitation = await Open(context, SecretText.HashOf(link)).FirstOrDefaultAsync(cancellationToken);
        return invitation is not null && await makers.FindAsync(invitation.CreatedBy, invitation.ByAdminToken, cancellationToken) is { } by && InvitationWish.MayMake(by, invitation)
            ? invitation
            : LinkGone();
    }

    /// <summary>Makes the account: it, its password, its first session and the end of the invitation are there together, or none of them.</summary>
    public async Task<Result<(SessionRow Session, string Secret)>> AcceptAsync(string link, Acceptance typed, Client client, CancellationToken cancellationToken)
    {
        var invitation = await FindAsync(link, cancellationToken);
        var name = AccountName.Create(invitation.Error is null && invitation.Value.Name.Length > 0 ? invitation.Value.Name : typed.Name);
        if ((invitation.Error ?? name.Error ?? AccountWish.DescriptionRefusal(typed.DisplayName, "")
            ?? PasswordRule.Refusal(typed.Password, name.Value.Value, typed.DisplayName, invitation.Value.Email)) is { } refusal)
        {
            return refusal;
        }

        var hash = await hashing.HashAsync(typed.Password, cancellationToken);
        if (hash.Error is not null)
        {
            return hash.Error;
        }

        (SessionRow, string) begun = default;
        var made = await maker.CreateAsync(invitation.Value, WishOf(invitation.Value, name.Value, typed.DisplayName), AddAsync, cancellationToken);
        if (made.Error is not null)
        {
            return made.Error;
        }

        LogAccepted(invitation.Value.Id, made.Value.Name, client.Address);
        return begun;

        async Task<Error?> AddAsync(IdentityDbContext context, AccountRow account, CancellationToken untilMade)
        {
            if (!await UseUpAsync(context, invitation.Value, account.Name, untilMade))
            {
                return LinkGone();
            }

            passwords.Add(context, account, hash.Value);
            begun = sessions.Begin(context, account, client);
            return null;
        }
    }

    private static AccountWish WishOf(InvitationRow invitation, AccountName name, string displayName) =>
        new(name, PrincipalKind.Person, TenantName.Create(invitation.Tenant).Value, displayName, invitation.Email, invitation.RoleList);

    private async Task<bool> UseUpAsync(IdentityDbContext context, InvitationRow invitation, string account, CancellationToken cancellationToken)
    {
        DateTimeOffset? now = clock.GetStoredNow();
        return await Open(context, invitation.Hash)
            .ExecuteUpdateAsync(row => row.SetProperty(one => one.AcceptedAt, now).SetProperty(one => one.AcceptedBy, account), cancellationToken) is 1;
    }

    private IQueryable<InvitationRow> Open(IdentityDbContext context, string hash)
    {
        var now = clock.GetUtcNow();
        return context.Invitations.Where(row => row.Hash == hash && row.AcceptedAt == null && row.RevokedAt == null && row.ExpiresAt > now
            && (row.ByAdminToken || !context.Accounts.Any(account => account.Name == row.CreatedBy && account.Disabled)));
    }

    private static InvitationRow Make(InvitationWish wish, string hash, Caller by, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now).ToString("n"),
        Hash = hash,
        Tenant = wish.Tenant.Value,
        TenantKey = Key.Of(wish.Tenant.Value),
        Email = wish.Email,
        DisplayName = wish.DisplayName,
        Name = wish.Name?.Value ?? "",
        Roles = string.Join(' ', wish.Roles),
        CreatedBy = by.Principal.Name,
        ByAdminToken = by.Principal.TokenId is Authenticator.AdminTokenId,
        CreatedAt = now,
        ExpiresAt = now + wish.Lifetime,
        AcceptedBy = "",
    };

    private static Error LinkGone() =>
        Error.NotFound("LINK_GONE", "this invitation was accepted or taken back, is too old, or was never made: ask who invited you for another one");

    [LoggerMessage(2020, LogLevel.Information, "{By} invited a person into {Tenant}, invitation {Invitation}")]
    private partial void LogInvited(string by, string tenant, string invitation);

    [LoggerMessage(2021, LogLevel.Information, "invitation {Invitation} was accepted by {Account}, from {Client}")]
    private partial void LogAccepted(string invitation, string account, string client);
}
