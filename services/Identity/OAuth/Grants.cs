using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Tokens;

namespace ModelGarden.Identity.OAuth;

/// <summary>How grants end, as the audit trail tells it.</summary>
/// <param name="Account">Whose they are.</param>
/// <param name="By">Who ends them; empty: nobody who is known.</param>
/// <param name="Because">A word, such as <c>revoked</c>.</param>
internal sealed record GrantEnd(AccountRow Account, string By, string Because)
{
    public string Action { get; init; } = "grant.end";
}

/// <summary>Ends grants and what was given out for them, in transactions that the caller saves and commits.</summary>
internal static class Grants
{
    /// <summary>One grant, with all of its tokens. Told if it was not over before.</summary>
    public static async Task EndAsync(IdentityDbContext context, (string Id, string Client) grant, GrantEnd end, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await EndAsync(context, row => row.Id == grant.Id, token => token.GrantId == grant.Id, now, cancellationToken) > 0)
        {
            context.Tell(AuditEvents.Of(end.Action, end.Account, end.By, now, ("grant", grant.Id), ("client", grant.Client), ("because", end.Because)));
        }
    }

    /// <summary>One grant, and that its program need not ask: it would be in again at once.</summary>
    public static async Task TakeBackAsync(IdentityDbContext context, (string Id, string Client) grant, GrantEnd end, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await EndAsync(context, grant, end, now, cancellationToken);
        await context.Consents.Where(consent => consent.Account == end.Account.Key && consent.Client == grant.Client).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>All that an account gave to programs: also when it can be used again, they ask anew.</summary>
    public static async Task EndOfAsync(IdentityDbContext context, GrantEnd end, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var account = end.Account.Key;
        var ended = await EndAsync(context, grant => grant.Account == account, token => token.Account == account && token.GrantId != "", now, cancellationToken);
        await context.Consents.Where(consent => consent.Account == account).ExecuteDeleteAsync(cancellationToken);
        if (ended > 0)
        {
            context.Tell(AuditEvents.Of(end.Action, end.Account, end.By, now, ("grants", $"{ended}"), ("because", end.Because)));
        }
    }

    /// <summary>Grants first: whoever gives out a token holds its grant's row, and is either done by then or finds it ended.</summary>
    /// <returns>How many grants were not over before.</returns>
    public static async Task<int> EndAsync(
        IdentityDbContext context, Expression<Func<GrantRow, bool>> grants, Expression<Func<TokenRow, bool>> tokens, DateTimeOffset now, CancellationToken cancellationToken)
    {
        DateTimeOffset? at = now;
        var ended = await context.Grants.Where(grants).Where(grant => grant.EndedAt == null).ExecuteUpdateAsync(row => row.SetProperty(grant => grant.EndedAt, at), cancellationToken);
        await RevokeAsync(context, context.Tokens.Where(tokens), now, cancellationToken);
        return ended;
    }

    /// <summary>Those of these tokens that work, told on the feed.</summary>
    public static async Task RevokeAsync(IdentityDbContext context, IQueryable<TokenRow> tokens, DateTimeOffset now, CancellationToken cancellationToken)
    {
        DateTimeOffset? revoked = now;
        var live = await tokens.Where(token => token.RevokedAt == null && token.ExpiresAt > now).ToListAsync(cancellationToken);
        foreach (var some in live.Chunk(500))
        {
            var ids = Array.ConvertAll(some, token => token.Id);
            await context.Tokens.Where(token => ids.Contains(token.Id)).ExecuteUpdateAsync(row => row.SetProperty(token => token.RevokedAt, revoked), cancellationToken);
            foreach (var token in some)
            {
                token.RevokedAt = now;
                context.Announce($"token/{token.Id}", token.ToMessage());
            }
        }
    }
}
