using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Feeds;

namespace ModelGarden.Gateway.Credentials;

/// <summary>Takes out of the cache whose token, session or account has changed at Identity, or whose tenant's rules for signing in have.</summary>
internal sealed class CredentialEviction(CredentialCache cache) : ChangeListener
{
    protected override void ForgetAll() => cache.EvictAll();

    protected override void Hear(Change change)
    {
        // Keys: token/{id}, session/{id}, account/{name}, sign-in-rules/{tenant}.
        switch (change.Key.Split('/', 2))
        {
            case ["token", var id]:
                cache.EvictToken(id);
                break;
            case ["session", var id]:
                cache.EvictSession(id);
                break;
            case ["sign-in-rules", var tenant]:
                cache.EvictSessionsOf(tenant);
                break;
            case ["account", var name]:
                cache.EvictAccount(name);
                break;
        }
    }
}

/// <summary>Takes out of the cache whose roles have changed at Entitlement.</summary>
internal sealed class MembershipEviction(CredentialCache cache) : ChangeListener
{
    protected override void ForgetAll() => cache.EvictAll();

    protected override void Hear(Change change)
    {
        if (change.Key.Split('/', 3) is ["member", _, var account])
        {
            cache.EvictAccount(account);
        }
    }
}
