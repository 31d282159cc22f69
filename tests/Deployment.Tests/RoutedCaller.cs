using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Deployment.Tests;

/// <summary>Calls an endpoint without a pause, routed as Serving does it: by the change feed, to replicas that are ready.</summary>
internal sealed class RoutedCaller : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _routed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, TaskCompletionSource> _answers = [];
    private readonly HttpClient _http = new();
    private volatile string[] _addresses = [];
    private Task _work = Task.CompletedTask;
    private int _failures;

    public int Failures => _failures;

    public static async Task<RoutedCaller> StartAsync(DeploymentGarden garden, string endpoint)
    {
        var caller = new RoutedCaller();
        var following = caller.FollowAsync(garden, endpoint);
        await caller._routed.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        caller._work = Task.WhenAll(following, caller.CallAsync(), caller.CallAsync());
        return caller;
    }

    /// <summary>Waits until this answer comes from now on.</summary>
    public Task UntilAnsweredAsync(string answer)
    {
        lock (_answers)
        {
            return (_answers[answer] = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task FollowAsync(DeploymentGarden garden, string name)
    {
        using var call = garden.Feed.Watch(new(), cancellationToken: _stop.Token);
        try
        {
            while (await call.ResponseStream.MoveNext(_stop.Token))
            {
                if (call.ResponseStream.Current.Change is { State: not null } change && change.Key == $"endpoint/acme/{name}")
                {
                    _addresses = [.. change.State.Unpack<Endpoint>().Replicas.Where(replica => replica.State is ReplicaState.Ready).Select(replica => replica.Address)];
                    if (_addresses.Length > 0)
                    {
                        _routed.TrySetResult();
                    }
                }
            }
        }
        catch (Exception exception) when (_stop.IsCancellationRequested && exception is RpcException or OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task CallAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var addresses = _addresses;
                var answer = await _http.GetStringAsync(new Uri(addresses[Random.Shared.Next(addresses.Length)]));
                lock (_answers)
                {
                    _answers.GetValueOrDefault(answer)?.TrySetResult();
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IndexOutOfRangeException)
            {
                Interlocked.Increment(ref _failures);
            }
        }
    }
}
