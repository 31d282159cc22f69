using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Feeds;

namespace ModelGarden.Gateway.Credentials;

/// <summary>Takes out of the cache whose token or account has changed at Identity.</summary>
internal sealed class CredentialEviction(CredentialCache cache) : ChangeListener
{
    protected override void ForgetAll() => cache.EvictAll();

    protected override void Hear(Change change)
    {
        // Keys: token/{id}, account/{name}.
        switch (change.Key.Split('/', 2))
        {
            case ["token", var id]:
                cache.EvictToken(id);
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
