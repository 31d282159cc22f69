using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Calls;
using ModelGarden.Kernel;

namespace ModelGarden.Serving.Endpoints;

/// <summary>
/// Finds a replica for a call: the ready one with the fewest running calls. Where none is ready the endpoint is woken and the call is held,
/// not refused, until one is, the endpoint has failed, or patience ends.
/// </summary>
internal sealed class ReplicaGate(EndpointTable table, Peers peers, IOptions<ServingOptions> options, ServingMetrics metrics, TimeProvider clock)
{
    /// <summary>After which a replica that could not be reached, and still counts as ready, is tried again.</summary>
    private static readonly TimeSpan SecondTry = TimeSpan.FromMilliseconds(500);
    private readonly ConcurrentDictionary<string, ReplicaLoad> _loads = new();

    /// <summary>What runs where; for reports to Deployment.</summary>
    public IReadOnlyCollection<ReplicaLoad> Loads => [.. _loads.Values];

    /// <param name="tenant">Whose endpoint.</param>
    /// <param name="name">Its name.</param>
    /// <param name="passedOver">Replicas that could not be reached just now; emptied when they have had their time to come back.</param>
    /// <param name="cancellationToken">The caller left.</param>
    public async Task<Result<ReplicaLease>> TakeAsync(string tenant, string name, HashSet<string> passedOver, CancellationToken cancellationToken)
    {
        if (TryTake(table.Find(tenant, name), passedOver) is { } lease)
        {
            return lease;
        }

        metrics.Waiting.Add(1);
        try
        {
            return await WaitAsync(tenant, name, passedOver, cancellationToken);
        }
        finally
        {
            metrics.Waiting.Add(-1);
        }
    }

    /// <summary>Forgets replicas that are gone and idle.</summary>
    public void Forget(IEnumerable<ReplicaLoad> gone)
    {
        foreach (var load in gone)
        {
            _loads.TryRemove(load.Replica, out _);
        }
    }

    private async Task<Result<ReplicaLease>> WaitAsync(string tenant, string name, HashSet<string> passedOver, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = clock.CreateTimer(_ => patience.Cancel(), null, TimeSpan.FromSeconds(options.Value.WakeTimeoutSeconds), Timeout.InfiniteTimeSpan);
        var woken = false;
        try
        {
            while (true)
            {
                var next = table.NextChange(tenant, name);
                var endpoint = table.Find(tenant, name);
                if (TryTake(endpoint, passedOver) is { } lease)
                {
                    return lease;
                }

                if (Refusal(endpoint, tenant, name) is { } refusal)
                {
                    return refusal;
                }

                if (Ready(endpoint).Any())
                {
                    // All are passed over. Deployment tells when an engine is gone; that only a connection was lost it never hears of.
                    next = Task.WhenAny(next, Task.Delay(SecondTry, clock, patience.Token));
                }
                else if (!woken)
                {
                    await new Deployment.DeploymentClient(peers.AsService(ServiceNames.Deployment)).ActivateAsync(new() { Tenant = tenant, Name = name }, cancellationToken: patience.Token);
                    woken = true;
                }

                await next.WaitAsync(patience.Token);
                passedOver.Clear();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var endpoint = table.Find(tenant, name);
            return Error.Unavailable("ENDPOINT_NOT_READY", $"endpoint '{name}' was not ready within {options.Value.WakeTimeoutSeconds} s ({endpoint?.State}: {endpoint?.Reason}): try again, or see 'garden endpoints show {name}'");
        }
    }

    private static Error? Refusal(Endpoint? endpoint, string tenant, string name) => endpoint switch
    {
        null or { State: EndpointState.Deleting } => ServingErrors.NoEndpoint(tenant, name),
        { State: EndpointState.Blocked } => Error.Denied("ENDPOINT_BLOCKED", $"endpoint '{name}' is blocked: {endpoint.Reason}"),
        { State: EndpointState.Failed } => Error.Unavailable("ENDPOINT_FAILED", $"endpoint '{name}' cannot run: {endpoint.Reason}"),
        _ => null,
    };

    private ReplicaLease? TryTake(Endpoint? endpoint, HashSet<string> passedOver)
    {
        var candidates = Ready(endpoint).Where(replica => !passedOver.Contains(replica.Id))
            .Select(replica => (replica, load: _loads.GetOrAdd(replica.Id, id => new(endpoint!.Tenant, endpoint.Name, id))))
            .ToList();
        if (candidates.Count is 0)
        {
            return null;
        }

        var (chosen, chosenLoad) = candidates.MinBy(candidate => candidate.load.Running);
        return new(endpoint!, chosen, chosenLoad, clock);
    }

    private static IEnumerable<Replica> Ready(Endpoint? endpoint) =>
        endpoint is null or { State: EndpointState.Deleting } ? [] : endpoint.Replicas.Where(replica => replica.State is ReplicaState.Ready);
}

/// <summary>How busy one replica is with calls from here.</summary>
internal sealed class ReplicaLoad(string tenant, string endpoint, string replica)
{
    private int _running;
    private long _lastCall;

    public string Tenant { get; } = tenant;

    public string Endpoint { get; } = endpoint;

    public string Replica { get; } = replica;

    public int Running => Volatile.Read(ref _running);

    public DateTimeOffset LastCallAt => DateTimeOffset.FromUnixTimeMilliseconds(Interlocked.Read(ref _lastCall));

    public void Begin(DateTimeOffset now)
    {
        Interlocked.Increment(ref _running);
        Interlocked.Exchange(ref _lastCall, now.ToUnixTimeMilliseconds());
    }

    public void End(DateTimeOffset now)
    {
        Interlocked.Exchange(ref _lastCall, now.ToUnixTimeMilliseconds());
        Interlocked.Decrement(ref _running);
    }
}

/// <summary>A call's hold on a replica, from before it is sent until its answer has ended.</summary>
internal sealed class ReplicaLease : IDisposable
{
    private readonly ReplicaLoad _load;
    private readonly TimeProvider _clock;

    public ReplicaLease(Endpoint endpoint, Replica replica, ReplicaLoad load, TimeProvider clock)
    {
        (Endpoint, Replica, _load, _clock) = (endpoint, replica, load, clock);
        load.Begin(clock.GetUtcNow());
    }

    public Endpoint Endpoint { get; }

    public Replica Replica { get; }

    public void Dispose() => _load.End(_clock.GetUtcNow());
}
