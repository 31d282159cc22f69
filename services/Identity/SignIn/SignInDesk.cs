using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Passwords;
using ModelGarden.Identity.SecondFactors;
using ModelGarden.Identity.Sessions;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.SignIn;

/// <summary>Lets people in. What failed is told in the same words, after the same work, whether there is such an account or not.</summary>
internal sealed partial class SignInDesk(
    IDbContextFactory<IdentityDbContext> contexts,
    PasswordBook passwords,
    SecondFactorBook factors,
    SessionBook sessions,
    MemberDirectory members,
    AddressGate gate,
    RefusalTrail trail,
    IdentityMetrics metrics,
    ILogger<SignInDesk> logger)
{
    /// <summary>Begins a session for whoever knows the password; what else it needs is its <see cref="SignedIn.Stage"/>.</summary>
    public async Task<Result<(SessionRow Session, string Secret)>> SignInAsync((string Name, string Password) typed, Client client, CancellationToken cancellationToken)
    {
        var account = await FindAsync(typed.Name, cancellationToken);
        var shown = await ThroughGateAsync(client, () => passwords.CheckAsync(typed.Name, account, typed.Password, cancellationToken));
        if (shown.Error is { } wrong)
        {
            return Refused(account, client, wrong);
        }

        // From here on he has proven who he is: he may be told what is wrong.
        if (await BarAsync(account!, cancellationToken) is { } barred)
        {
            return Refused(account, client, barred);
        }

        var begun = await sessions.BeginAsync(account!, shown.Value, client, cancellationToken);
        if (begun.Error is { } late)
        {
            return Refused(account, client, late);
        }

        metrics.SignedIn("ok");
        LogSignedIn(account!.Name, begun.Value.Session.Id, client.Address);
        return begun;
    }

    /// <summary>Takes the second factor for a session; its new secret.</summary>
    public async Task<Result<string>> GiveCodeAsync(SignedIn who, string code, Client client, CancellationToken cancellationToken) =>
        (await ThroughGateAsync(client, () => factors.CheckAsync(who.Account, code, cancellationToken))).Error is { } wrong
            ? Refused(who.Account, client, wrong)
            : await ProveAsync(who, withSecondFactor: true, cancellationToken);

    /// <summary>Takes all that the person signs in with once more, for what is dangerous; the session's new secret.</summary>
    public async Task<Result<string>> ConfirmAsync(SignedIn who, (string Password, string Code) typed, Client client, CancellationToken cancellationToken)
    {
        var shown = await ThroughGateAsync(client, async () =>
        {
            var password = await passwords.CheckAgainAsync(who, typed.Password, cancellationToken);
            return password.Error is null && who.HasSecondFactor ? await factors.CheckAsync(who.Account, typed.Code, cancellationToken) : password;
        });
        return shown.Error is { } wrong ? Refused(who.Account, client, wrong) : await ProveAsync(who, who.HasSecondFactor, cancellationToken);
    }

    private async Task<Result<string>> ProveAsync(SignedIn who, bool withSecondFactor, CancellationToken cancellationToken)
    {
        if (await sessions.ProveAsync(who.Session, withSecondFactor, cancellationToken) is not { } secret)
        {
            return Error.Unauthenticated("SESSION_ENDED", "you were signed out meanwhile: sign in again");
        }

        metrics.SignedIn("proved");
        LogProved(who.Account.Name, who.Session.Id, client: who.Session.Address);
        return secret;
    }

    /// <summary>A person of that name; programs and half-made accounts have no password.</summary>
    private async Task<AccountRow?> FindAsync(string name, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var key = Key.Of(Text.Shorten(name, 64));
        return await context.Accounts.FirstOrDefaultAsync(row => row.Key == key && !row.Pending && row.Kind == PrincipalKind.Person, cancellationToken);
    }

    private async Task<Error?> BarAsync(AccountRow account, CancellationToken cancellationToken)
    {
        if (account.Disabled)
        {
            return AccountErrors.Disabled(account);
        }

        return (await members.RolesOfAsync(account.Tenant, account.Name, cancellationToken)).Length > 0
            ? null
            : Error.Denied("NOT_A_MEMBER", $"the account {account.Name} has no role in {account.Tenant} any more: an admin of {account.Tenant} can give it one");
    }

    private async Task<Result<string>> ThroughGateAsync(Client client, Func<Task<Result<string>>> check)
    {
        if (gate.Take(client.Address) is { } closed)
        {
            return closed;
        }

        var shown = await check();
        if (shown.Error is null or { Code: ErrorCode.Unavailable })
        {
            gate.GiveBack(client.Address);
        }

        return shown;
    }

    // A name that nobody has is not logged: it may be a password in the wrong field.
    private Error Refused(AccountRow? account, Client client, Error error)
    {
        metrics.SignedIn(error.Reason);
        if (account is not null)
        {
            trail.Tell(account, error.Reason);
        }

        LogRefused(account?.Name ?? "nobody", error.Reason, client.Address);
        return error;
    }

    [LoggerMessage(2010, LogLevel.Information, "{Account} signed in, session {Session}, from {Client}")]
    private partial void LogSignedIn(string account, string session, string client);

    [LoggerMessage(2011, LogLevel.Information, "{Account} proved himself, session {Session}, from {Client}")]
    private partial void LogProved(string account, string session, string client);

    [LoggerMessage(2012, LogLevel.Warning, "sign-in of {Account} refused with {Reason}, from {Client}")]
    private partial void LogRefused(string account, string reason, string client);
}
