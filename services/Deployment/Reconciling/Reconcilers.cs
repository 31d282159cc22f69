using System.Collections.Concurrent;
using ModelGarden.Contracts.V1;
using ModelGarden.Deployment.Endpoints;
using ModelGarden.Hosting.Health;

namespace ModelGarden.Deployment.Reconciling;

/// <summary>One reconciler for each endpoint, from the start of the host to its end: wishes of an earlier run come back by themselves.</summary>
internal sealed class Reconcilers(EndpointStore store, ReconcilerParts parts, Readiness readiness, ILogger<EndpointReconciler> logger) : IHostedService, IAsyncDisposable
{
    private const string What = "the endpoints of this machine";
    private readonly ConcurrentDictionary<string, Running> _running = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private int _disposed;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        readiness.WaitFor(What);
        parts.Withdrawals.Changed += LookAgain;
        parts.Clear();
        foreach (var endpoint in await store.ListAllAsync(cancellationToken))
        {
            Tell(endpoint);
        }

        readiness.Reached(What);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Task[] running;
        lock (_gate)
        {
            parts.Withdrawals.Changed -= LookAgain;
            parts.HostStops();
            _stopping.Cancel();
            running = [.. _running.Values.Select(one => one.Task)];
        }

        await Task.WhenAll(running).WaitAsync(cancellationToken);
    }

    /// <summary>A host that is disposed of without having been stopped leaves no engine behind either.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) is 0)
        {
            await StopAsync(CancellationToken.None);
            _stopping.Dispose();
        }
    }

    /// <summary>A row was saved: its reconciler takes it over, or is started.</summary>
    public void Tell(StoredEndpoint endpoint)
    {
        lock (_gate)
        {
            if (_running.TryGetValue(endpoint.Id, out var running))
            {
                running.Reconciler.Tell(endpoint);
            }
            else if (!_stopping.IsCancellationRequested)
            {
                var reconciler = new EndpointReconciler(endpoint, parts, logger);
                parts.Metrics.Appeared(endpoint.Status.State);
                _running[endpoint.Id] = new(reconciler, Task.Run(() => RunAsync(endpoint.Id, reconciler)));
            }
        }
    }

    public EndpointReconciler? Find(StoredEndpoint endpoint) => _running.GetValueOrDefault(endpoint.Id)?.Reconciler;

    /// <summary>Serving's word on many replicas. What is unknown by now is passed over.</summary>
    public void Report(string reporter, IEnumerable<ReplicaActivity> activities)
    {
        var byEndpoint = _running.Values.ToLookup(running => running.Reconciler.FeedKey, running => running.Reconciler, StringComparer.OrdinalIgnoreCase);
        foreach (var activity in activities)
        {
            foreach (var reconciler in byEndpoint[$"endpoint/{activity.Tenant}/{activity.Endpoint}"])
            {
                reconciler.Report(activity.Replica, reporter, activity.RunningCalls, activity.LastCallAt?.ToDateTimeOffset());
            }
        }
    }

    private void LookAgain()
    {
        foreach (var running in _running.Values)
        {
            running.Reconciler.LookAgain();
        }
    }

    private async Task RunAsync(string id, EndpointReconciler reconciler)
    {
        await reconciler.RunAsync(_stopping.Token);
        parts.Metrics.Disappeared(reconciler.State);
        lock (_gate)
        {
            _running.TryRemove(id, out _);
        }
    }

    private sealed record Running(EndpointReconciler Reconciler, Task Task);
}
