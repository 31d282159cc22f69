using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Calls;

namespace ModelGarden.Catalog.Webhooks;

/// <summary>Asks, whenever something is about to be sent, whether a webhook's account is still one of its tenant's: nobody who has left goes on being told.</summary>
internal sealed class MakerStanding(Peers peers)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The account as anybody of its tenant: whatever roles it has are not known here, and nothing is seen by them.</summary>
    public static Caller Maker(StoredWebhook webhook) => new(new() { Kind = PrincipalKind.Person, Name = webhook.Account, Tenant = webhook.Tenant, Scopes = { Scopes.Read } }, "");

    /// <summary>Why the account is told nothing any more; null: it is.</summary>
    /// <exception cref="ErrorException">It cannot be known now.</exception>
    public async Task<string?> FaultAsync(StoredWebhook webhook, CancellationToken cancellationToken)
    {
        var deadline = DateTime.UtcNow + Patience;
        var members = new Entitlement.EntitlementClient(peers.AsService(ServiceNames.Entitlement));
        var member = await members.GetMemberAsync(new() { Tenant = webhook.Tenant, Account = webhook.Account }, deadline: deadline, cancellationToken: cancellationToken);
        if (member.Roles.Count is 0)
        {
            return $"{webhook.Account} is no longer a member of {webhook.Tenant}";
        }

        return await IsDisabledAsync(webhook, deadline, cancellationToken) ? $"the account {webhook.Account} is disabled" : null;
    }

    private async Task<bool> IsDisabledAsync(StoredWebhook webhook, DateTime deadline, CancellationToken cancellationToken)
    {
        try
        {
            var accounts = new Identity.IdentityClient(peers.AsService(ServiceNames.Identity));
            return (await accounts.GetAccountAsync(new() { Name = webhook.Account }, deadline: deadline, cancellationToken: cancellationToken)).Disabled;
        }
        catch (ErrorException exception) when (exception.Error.Code is ErrorCode.NotFound)
        {
            return true;
        }
    }
}
