using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Identity.Tokens;

namespace ModelGarden.Identity.OAuth;

/// <summary>Ends grants and what was given out for them, in transactions that the caller saves and commits.</summary>
internal static class Grants
{
    /// <summary>One grant, with all of its tokens.</summary>
    public static Task EndAsync(IdentityDbContext context, string id, DateTimeOffset now, CancellationToken cancellationToken) =>
        EndAsync(context, grant => grant.Id == id, token => token.GrantId == id, now, cancellationToken);

    /// <summary>All that an account gave to programs: also when it can be used again, they ask anew.</summary>
    public static async Task EndOfAsync(IdentityDbContext context, string account, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await EndAsync(context, grant => grant.Account == account, token => token.Account == account && token.GrantId != "", now, cancellationToken);
        await context.Consents.Where(consent => consent.Account == account).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>Grants first: whoever gives out a token holds its grant's row, and is either done by then or finds it ended.</summary>
    public static async Task EndAsync(
        IdentityDbContext context, Expression<Func<GrantRow, bool>> grants, Expression<Func<TokenRow, bool>> tokens, DateTimeOffset now, CancellationToken cancellationToken)
    {
        DateTimeOffset? ended = now;
        await context.Grants.Where(grants).Where(grant => grant.EndedAt == null).ExecuteUpdateAsync(row => row.SetProperty(grant => grant.EndedAt, ended), cancellationToken);
        await RevokeAsync(context, context.Tokens.Where(tokens), now, cancellationToken);
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
