using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Feeds;

namespace ModelGarden.Gateway.Credentials;

/// <summary>Takes out of the cache whose token or account has changed at Identity.</summary>
internal sealed class CredentialEviction(CredentialCache cache) : IFeedHandler
{
    public long Start => FeedStart.FromNow;

    public long Position { get; private set; } = FeedStart.FromNow;

    public ValueTask ResetAsync(CancellationToken cancellationToken)
    {
        cache.EvictAll();
        return ValueTask.CompletedTask;
    }

    public ValueTask ApplyAsync(Change change, CancellationToken cancellationToken)
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

        Position = change.Sequence;
        return ValueTask.CompletedTask;
    }
}

/// <summary>Takes out of the cache whose roles have changed at Entitlement.</summary>
internal sealed class MembershipEviction(CredentialCache cache) : IFeedHandler
{
    public long Start => FeedStart.FromNow;

    public long Position { get; private set; } = FeedStart.FromNow;

    public ValueTask ResetAsync(CancellationToken cancellationToken)
    {
        cache.EvictAll();
        return ValueTask.CompletedTask;
    }

    public ValueTask ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        if (change.Key.Split('/', 3) is ["member", _, var account])
        {
            cache.EvictAccount(account);
        }

        Position = change.Sequence;
        return ValueTask.CompletedTask;
    }
}
