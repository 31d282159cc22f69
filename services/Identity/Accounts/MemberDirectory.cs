using System.Collections.Concurrent;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Calls;
using ModelGarden.Hosting.Feeds;

namespace ModelGarden.Identity.Accounts;

/// <summary>
/// Who has which roles in which tenant, as Entitlement says: held in memory and kept current by its feed. While the feed is not caught
/// up, and for who is not (yet) in it, Entitlement is asked.
/// </summary>
internal sealed class MemberDirectory(Peers peers) : IFeedHandler
{
    private const string Prefix = "member/";
    private readonly ConcurrentDictionary<string, string[]> _roles = new(StringComparer.Ordinal);
    private volatile bool _current;

    /// <summary>After each change that was applied.</summary>
    public event Action<Change>? Applied;

    public long Position { get; private set; }

    public async ValueTask<string[]> RolesOfAsync(string tenant, string account, CancellationToken cancellationToken)
    {
        if (_current && _roles.TryGetValue(KeyOf(tenant, account), out var roles))
        {
            return roles;
        }

        return await AskAsync(tenant, account, cancellationToken);
    }

    /// <summary>The same as Entitlement has it at this moment, which the feed may be just about to tell.</summary>
    public async Task<string[]> AskAsync(string tenant, string account, CancellationToken cancellationToken)
    {
        var entitlement = new Contracts.V1.Entitlement.EntitlementClient(peers.AsService(ServiceNames.Entitlement));
        var member = await entitlement.GetMemberAsync(new() { Tenant = tenant, Account = account }, cancellationToken: cancellationToken);
        return [.. member.Roles];
    }

    public ValueTask ResetAsync(CancellationToken cancellationToken)
    {
        _current = false;
        _roles.Clear();
        Position = 0;
        return ValueTask.CompletedTask;
    }

    public ValueTask ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        if (change.Key.StartsWith(Prefix, StringComparison.Ordinal))
        {
            Apply(change);
        }

        Position = change.Sequence;
        Applied?.Invoke(change);
        return ValueTask.CompletedTask;
    }

    public ValueTask CaughtUpAsync(long sequence, CancellationToken cancellationToken)
    {
        _current = true;
        return ValueTask.CompletedTask;
    }

    public ValueTask LostAsync()
    {
        _current = false;
        return ValueTask.CompletedTask;
    }

    private void Apply(Change change)
    {
        if (change.State is null)
        {
            _roles.TryRemove(change.Key, out _);
        }
        else
        {
            _roles[change.Key] = [.. change.State.Unpack<Member>().Roles];
        }
    }

    private static string KeyOf(string tenant, string account) => $"{Prefix}{Key.Of(tenant)}/{Key.Of(account)}";
}
