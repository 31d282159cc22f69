using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;

namespace ModelGarden.Identity.Authentication;

/// <summary>Those who gave out links, as they are when the links are used: a link is worth no more than what its maker could give out now.</summary>
internal sealed class LinkMakers(IDbContextFactory<IdentityDbContext> contexts, MemberDirectory members, IOptions<IdentityOptions> options)
{
    /// <summary>A maker with his present roles, to hold the checks of making against; null: he is disabled, or has no role any more.</summary>
    /// <param name="name">His account's.</param>
    /// <param name="byAdminToken">He came with the garden's admin token, which stands for itself as long as it is set.</param>
    /// <param name="cancellationToken">Nothing is changed.</param>
    public async Task<Caller?> FindAsync(string name, bool byAdminToken, CancellationToken cancellationToken)
    {
        if (byAdminToken)
        {
            return options.Value.AdminToken.Length > 0 ? new(Authenticator.Root(), "") : null;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var key = Key.Of(name);
        if (await context.Accounts.FirstOrDefaultAsync(row => row.Key == key && !row.Pending && !row.Disabled, cancellationToken) is not { } account)
        {
            return null;
        }

        var roles = await members.AskAsync(account.Tenant, account.Name, cancellationToken);
        return roles.Length > 0 ? new(new Principal { Kind = account.Kind, Name = account.Name, Tenant = account.Tenant, Roles = { roles } }, "") : null;
    }
}
