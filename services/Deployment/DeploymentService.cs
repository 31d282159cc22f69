using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Deployment.Endpoints;
using ModelGarden.Deployment.Processes;
using ModelGarden.Deployment.Reconciling;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using Endpoint = ModelGarden.Contracts.V1.Endpoint;
using Scaling = ModelGarden.Deployment.Endpoints.Scaling;

namespace ModelGarden.Deployment;

/// <summary>The contract's RPCs: parse, ask, answer.</summary>
internal sealed class DeploymentService(EndpointDesk desk, EndpointStore store, Reconcilers reconcilers, IHostApplicationLifetime lifetime, TimeProvider clock)
    : Contracts.V1.Deployment.DeploymentBase
{
    private const int DefaultTail = 200;
    private const int MostActivities = 10_000;
    private const int LongestText = 1024;
    private const int LongestReporter = 64;

    /// <summary>How late a change that another process made may be seen.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    public override async Task<Endpoint> CreateEndpoint(CreateEndpointRequest request, ServerCallContext context)
    {
        var key = KeyOf(request.Name, context);
        var repository = RepositoryName.Create(request.Repository).OrThrow();
        var caller = context.GetCaller();
        var wish = new WishRequest(repository, Bounded(request.Revision, "revision"), Bounded(request.File, "file"), Scaling.From(request.Scaling).OrThrow(), caller.Principal.Name);
        return (await desk.CreateAsync(key, wish, caller, context.CancellationToken)).OrThrow().ToAnswer();
    }

    public override async Task<Endpoint> UpdateEndpoint(UpdateEndpointRequest request, ServerCallContext context)
    {
        Bounded(request.Revision, "revision");
        Bounded(request.File, "file");
        return (await desk.UpdateAsync(KeyOf(request.Name, context), request, context.GetCaller(), context.CancellationToken)).OrThrow().ToAnswer();
    }

    public override async Task<Endpoint> GetEndpoint(GetEndpointRequest request, ServerCallContext context) =>
        (await store.FindAsync(KeyOf(request.Name, context), context.CancellationToken)).OrThrow().ToAnswer();

    public override async Task<ListEndpointsResponse> ListEndpoints(ListEndpointsRequest request, ServerCallContext context)
    {
        var endpoints = await store.ListAsync(TenantOf(context), context.CancellationToken);
        return new() { Endpoints = { endpoints.Select(endpoint => endpoint.ToAnswer()) } };
    }

    public override async Task WatchEndpoint(GetEndpointRequest request, IServerStreamWriter<Endpoint> responseStream, ServerCallContext context)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            await WatchAsync(KeyOf(request.Name, context), responseStream, stop.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new ErrorException(Error.Unavailable("STOPPING", "this service is stopping: watch again"));
        }
    }

    public override async Task<DeleteEndpointResponse> DeleteEndpoint(DeleteEndpointRequest request, ServerCallContext context)
    {
        (await desk.DeleteAsync(KeyOf(request.Name, context), context.GetCaller(), context.CancellationToken)).OrThrow();
        return new();
    }

    public override async Task ReadLogs(ReadLogsRequest request, IServerStreamWriter<LogLine> responseStream, ServerCallContext context)
    {
        var endpoint = (await store.FindAsync(KeyOf(request.Name, context), context.CancellationToken)).OrThrow();
        if (request.Tail is < 0 or > EndpointLog.Capacity)
        {
            throw new ErrorException(Error.Invalid("BAD_TAIL", $"tail is {request.Tail}: 0 to {EndpointLog.Capacity} is expected"));
        }

        if (reconcilers.Find(endpoint) is not { } reconciler)
        {
            return;
        }

        var (lines, closed, more) = reconciler.Log.Read(0, request.Tail is 0 ? DefaultTail : request.Tail);
        var last = await SendAsync(lines, 0, responseStream, context.CancellationToken);
        while (request.Follow && !closed)
        {
            await more.WaitAsync(context.CancellationToken);
            (lines, closed, more) = reconciler.Log.Read(last);
            last = await SendAsync(lines, last, responseStream, context.CancellationToken);
        }
    }

    public override async Task<ActivateResponse> Activate(ActivateRequest request, ServerCallContext context)
    {
        var endpoint = (await store.FindAsync(KeyOf(request.Tenant, request.Name), context.CancellationToken)).OrThrow();
        if (endpoint.Deleted)
        {
            throw new ErrorException(DeploymentErrors.NotFound(endpoint.Key));
        }

        reconcilers.Find(endpoint)?.Activate();
        return new();
    }

    public override Task<ReportActivityResponse> ReportActivity(ReportActivityRequest request, ServerCallContext context)
    {
        if (request.Replicas.Count > MostActivities)
        {
            throw new ErrorException(Error.Invalid("TOO_MANY", $"{request.Replicas.Count} replicas in one report: at most {MostActivities}"));
        }

        if (request.Reporter.Length > LongestReporter)
        {
            throw new ErrorException(Error.Invalid("TOO_LONG", $"reporter has {request.Reporter.Length} characters: at most {LongestReporter}"));
        }

        reconcilers.Report(request.Reporter, request.Replicas);
        return Task.FromResult(new ReportActivityResponse());
    }

    private async Task WatchAsync(EndpointKey key, IServerStreamWriter<Endpoint> stream, CancellationToken cancellationToken)
    {
        var saved = store.Saved;
        var row = (await store.FindAsync(key, cancellationToken)).OrThrow();
        for (var first = row; row.Id == first.Id;)
        {
            await stream.WriteAsync(row.ToAnswer(), cancellationToken);
            for (var version = row.Version; row.Version == version;)
            {
                using var look = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                await Task.WhenAny(saved, Task.Delay(Look, clock, look.Token));
                await look.CancelAsync();
                cancellationToken.ThrowIfCancellationRequested();
                saved = store.Saved;
                var next = await store.FindAsync(key, cancellationToken);
                if (next.Error is not null)
                {
                    return;
                }

                row = next.Value;
            }
        }
    }

    private static async Task<long> SendAsync(IReadOnlyList<LogEntry> lines, long last, IServerStreamWriter<LogLine> stream, CancellationToken cancellationToken)
    {
        foreach (var line in lines)
        {
            await stream.WriteAsync(new() { At = EndpointMessages.ToMessage(line.At), Replica = line.Replica, Text = line.Text }, cancellationToken);
            last = line.Number;
        }

        return last;
    }

    private static EndpointKey KeyOf(string name, ServerCallContext context) => KeyOf(TenantOf(context), name);

    private static EndpointKey KeyOf(string tenant, string name) =>
        new(TenantName.Create(tenant).OrThrow().Value, EndpointName.Create(name).OrThrow());

    private static string TenantOf(ServerCallContext context) =>
        context.GetCaller().Principal.Tenant is { Length: > 0 } tenant ? tenant : throw new ErrorException(DeploymentErrors.NoTenant());

    private static string Bounded(string text, string what) => text.Length <= LongestText ? text
        : throw new ErrorException(Error.Invalid("TOO_LONG", $"{what} has {text.Length} characters: at most {LongestText}"));
}
