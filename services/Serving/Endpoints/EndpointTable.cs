using System.Collections.Concurrent;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Feeds;

namespace ModelGarden.Serving.Endpoints;

/// <summary>All endpoints as Deployment last told, and the way to wait for the next word about one.</summary>
internal sealed class EndpointTable
{
    private readonly ConcurrentDictionary<string, Endpoint> _endpoints = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _changes = new(StringComparer.OrdinalIgnoreCase);

    public Endpoint? Find(string tenant, string name) => _endpoints.GetValueOrDefault(KeyOf(tenant, name));

    /// <summary>A tenant's endpoints by name.</summary>
    public IReadOnlyList<Endpoint> Of(string tenant) =>
        [.. _endpoints.Values.Where(endpoint => string.Equals(endpoint.Tenant, tenant, StringComparison.OrdinalIgnoreCase)).OrderBy(endpoint => endpoint.Name, StringComparer.Ordinal)];

    /// <summary>Completes with the next change of this endpoint. Ask for it before looking at the endpoint.</summary>
    public Task NextChange(string tenant, string name) => _changes.GetOrAdd(KeyOf(tenant, name), _ => New()).Task;

    public void Set(Endpoint endpoint)
    {
        var key = KeyOf(endpoint.Tenant, endpoint.Name);
        _endpoints[key] = endpoint;
        Pulse(key);
    }

    public void Remove(string key)
    {
        _endpoints.TryRemove(key, out _);
        Pulse(key);
    }

    public void Clear()
    {
        foreach (var key in _endpoints.Keys)
        {
            Remove(key);
        }
    }

    private void Pulse(string key)
    {
        if (_changes.TryRemove(key, out var waiting))
        {
            waiting.SetResult();
        }
    }

    private static string KeyOf(string tenant, string name) => $"endpoint/{tenant}/{name}";

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Fills the table from Deployment's feed.</summary>
internal sealed class EndpointFeed(EndpointTable table) : IFeedHandler
{
    public long Position { get; private set; }

    public ValueTask ResetAsync(CancellationToken cancellationToken)
    {
        table.Clear();
        return ValueTask.CompletedTask;
    }

    public ValueTask ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        if (change.State is null)
        {
            table.Remove(change.Key);
        }
        else if (change.State.TryUnpack<Endpoint>(out var endpoint))
        {
            table.Set(endpoint);
        }

        Position = change.Sequence;
        return ValueTask.CompletedTask;
    }
}
