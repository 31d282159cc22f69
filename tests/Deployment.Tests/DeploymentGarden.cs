using System.Text;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Deployment.Tests.Doubles;
using ModelGarden.Hosting;
using ModelGarden.Testing;
using Client = ModelGarden.Contracts.V1.Deployment.DeploymentClient;

namespace ModelGarden.Deployment.Tests;

/// <summary>The real Deployment service among doubles of its peers, with an engine that behaves as its model says.</summary>
internal sealed class DeploymentGarden : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TestGarden _garden;

    private DeploymentGarden(TestGarden garden, ModelShelf shelf) => (_garden, Shelf) = (garden, shelf);

    public ModelShelf Shelf { get; }

    public string Data => _garden.Data;

    public Client Ann => As(People.Engineer());

    public Client Serving => As(People.Service(ServiceNames.Serving));

    public ChangeFeed.ChangeFeedClient Feed => new(_garden.As(People.Service(ServiceNames.Serving), ServiceNames.Deployment));

    public IServiceProvider Parts => _garden.PartsOf(ServiceNames.Deployment);

    private static CancellationToken Cancel => Testing.Patience.Cancel;

    public static async Task<DeploymentGarden> StartAsync(
        TimeProvider? clock = null, TestDatabase? database = null, params (string Setting, string Value)[] settings)
    {
        var all = new Dictionary<string, string>
        {
            ["Deployment:Engines"] = Repo.PathOf("tests/Deployment.Tests/Engine"),
            ["Deployment:DrainGrace"] = "00:00:00.100",
        };
        foreach (var (setting, value) in settings)
        {
            all[$"Deployment:{setting}"] = value;
        }

        var shelf = new ModelShelf();
        return new(await TestGarden.StartAsync(database, clock, all, [.. PeerDoubles.Over(shelf), DeploymentModule.Definition]), shelf);
    }

    public Client As(Principal who) => new(_garden.As(who, ServiceNames.Deployment));

    /// <summary>Stops the service and starts it again on the same data, or another one in its place.</summary>
    public Task RestartAsync(ServiceDefinition? another = null) => _garden.RestartAsync(another ?? DeploymentModule.Definition);

    public async Task<Endpoint> CreateAsync(string name, string repository = "acme/model", string file = "", Contracts.V1.Scaling? scaling = null, string revision = "") =>
        await Ann.CreateEndpointAsync(new() { Name = name, Repository = repository, File = file, Scaling = scaling, Revision = revision }, cancellationToken: Cancel);

    /// <summary>Watches until the endpoint is as wished.</summary>
    public async Task<Endpoint> UntilAsync(string name, Func<Endpoint, bool> isWished)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Patience);
        using var call = Ann.WatchEndpoint(new() { Name = name }, cancellationToken: limit.Token);
        var seen = new List<string>();
        try
        {
            while (await call.ResponseStream.MoveNext(limit.Token))
            {
                var endpoint = call.ResponseStream.Current;
                if (isWished(endpoint))
                {
                    return endpoint;
                }

                seen.Add($"{endpoint.State} {endpoint.Reason} [{string.Join(' ', endpoint.Replicas.Select(replica => $"{replica.Id}:{replica.State}:{replica.Revision[..4]}"))}]");
            }
        }
        catch (Exception exception) when (limit.IsCancellationRequested && exception is RpcException or OperationCanceledException)
        {
            throw new TimeoutException($"{name} never became what was waited for: {string.Join(" > ", seen)}", exception);
        }

        throw new InvalidOperationException($"{name} is gone: {string.Join(" > ", seen)}");
    }

    public Task<Endpoint> UntilAsync(string name, EndpointState state) => UntilAsync(name, endpoint => endpoint.State == state);

    /// <summary>Watches until it is gone.</summary>
    public async Task UntilGoneAsync(string name)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Patience);
        try
        {
            using var call = Ann.WatchEndpoint(new() { Name = name }, cancellationToken: limit.Token);
            while (await call.ResponseStream.MoveNext(limit.Token))
            {
            }
        }
        catch (RpcException exception) when (exception.StatusCode is StatusCode.NotFound)
        {
            // Gone before the watch began.
        }
    }

    /// <summary>Follows the change feed as Serving does, until an endpoint's state there is as wished.</summary>
    public async Task<Endpoint> UntilFedAsync(string name, Func<Endpoint, bool> isWished)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Patience);
        using var call = Feed.Watch(new(), cancellationToken: limit.Token);
        while (await call.ResponseStream.MoveNext(limit.Token))
        {
            if (call.ResponseStream.Current.Change is { State: not null } change && change.Key == $"endpoint/acme/{name}"
                && change.State.Unpack<Endpoint>() is var endpoint && isWished(endpoint))
            {
                return endpoint;
            }
        }

        throw new InvalidOperationException("the feed ended");
    }

    /// <summary>The address of a ready replica, of this revision if one is given.</summary>
    public async Task<(string Id, string Address)> ReplicaAsync(string name, string revision = "")
    {
        var endpoint = await UntilFedAsync(name, endpoint => endpoint.Replicas.Any(IsReady));
        var replica = endpoint.Replicas.First(IsReady);
        return (replica.Id, replica.Address);

        bool IsReady(Replica replica) => replica.State is ReplicaState.Ready && (revision.Length is 0 || replica.Revision == revision);
    }

    public async Task<string> LogsAsync(string name)
    {
        var text = new StringBuilder();
        using var call = Ann.ReadLogs(new() { Name = name, Tail = 1000 }, cancellationToken: Cancel);
        while (await call.ResponseStream.MoveNext(Cancel))
        {
            text.AppendLine(call.ResponseStream.Current.Text);
        }

        return text.ToString();
    }

    public ValueTask DisposeAsync() => _garden.DisposeAsync();
}
