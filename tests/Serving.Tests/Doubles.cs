using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Testing;

namespace ModelGarden.Serving.Tests;

/// <summary>Deployment as Serving sees it: a feed that a test writes, and calls that a test reads.</summary>
internal sealed class DeploymentDouble
{
    private readonly Channel<Change> _changes = Channel.CreateUnbounded<Change>();
    private long _sequence;

    public ConcurrentQueue<string> Activated { get; } = [];

    public Action<string> OnActivate { get; set; } = _ => { };

    public Channel<ReplicaActivity> Activity { get; } = Channel.CreateUnbounded<ReplicaActivity>();

    public ServiceDefinition Definition => new(
        ServiceNames.Deployment,
        builder => builder.Services.AddSingleton(this),
        app =>
        {
            app.MapGarden<Calls>(Deployment.Descriptor);
            app.MapGarden<Feed>(ChangeFeed.Descriptor);
        });

    public void Tell(Contracts.V1.Endpoint endpoint) => Tell($"endpoint/{endpoint.Tenant}/{endpoint.Name}", Any.Pack(endpoint));

    public void TellGone(string tenant, string name) => Tell($"endpoint/{tenant}/{name}", null);

    private void Tell(string key, Any? state) => _changes.Writer.TryWrite(new() { Sequence = Interlocked.Increment(ref _sequence), Key = key, State = state });

    private sealed class Calls(DeploymentDouble deployment) : Deployment.DeploymentBase
    {
        public override Task<ActivateResponse> Activate(ActivateRequest request, ServerCallContext context)
        {
            deployment.Activated.Enqueue(request.Name);
            deployment.OnActivate(request.Name);
            return Task.FromResult(new ActivateResponse());
        }

        public override Task<ReportActivityResponse> ReportActivity(ReportActivityRequest request, ServerCallContext context)
        {
            foreach (var replica in request.Replicas)
            {
                deployment.Activity.Writer.TryWrite(replica);
            }

            return Task.FromResult(new ReportActivityResponse());
        }
    }

    private sealed class Feed(DeploymentDouble deployment) : ChangeFeed.ChangeFeedBase
    {
        public override async Task Watch(WatchRequest request, IServerStreamWriter<FeedEvent> responseStream, ServerCallContext context)
        {
            await responseStream.WriteAsync(new() { SnapshotBegin = new() });
            await responseStream.WriteAsync(new() { CaughtUp = new() });
            await foreach (var change in deployment._changes.Reader.ReadAllAsync(context.CancellationToken))
            {
                await responseStream.WriteAsync(new() { Change = change }, context.CancellationToken);
            }
        }
    }
}

/// <summary>Entitlement as Serving sees it: decides as a test says, and keeps the usage it is told.</summary>
internal sealed class EntitlementDouble
{
    public Decision Decision { get; set; } = new() { Allowed = true, Rule = "OWNER" };

    /// <summary>What it was asked about last.</summary>
    public Resource? Asked { get; private set; }

    public bool IsDown { get; set; }

    /// <summary>Null: it tells of nothing, so it is asked each time.</summary>
    public FeedDouble? Feed { get; init; }

    public Channel<UsageRecord> Usage { get; } = Channel.CreateUnbounded<UsageRecord>();

    /// <summary>How many records were in each report that found it down.</summary>
    public Channel<int> Refused { get; } = Channel.CreateUnbounded<int>();

    public ServiceDefinition Definition => new(
        ServiceNames.Entitlement,
        builder => builder.Services.AddSingleton(this).AddSingleton(Feed ?? new()),
        app =>
        {
            app.MapGarden<Calls>(Entitlement.Descriptor);
            if (Feed is not null)
            {
                app.MapGarden<FeedDouble>(ChangeFeed.Descriptor);
            }
        });

    private sealed class Calls(EntitlementDouble entitlement) : Entitlement.EntitlementBase
    {
        public override Task<Decision> Decide(DecideRequest request, ServerCallContext context)
        {
            entitlement.Asked = request.Resource;
            return Task.FromResult(entitlement.Decision);
        }

        public override Task<ReportUsageResponse> ReportUsage(ReportUsageRequest request, ServerCallContext context)
        {
            if (entitlement.IsDown)
            {
                entitlement.Refused.Writer.TryWrite(request.Records.Count);
                throw new RpcException(new Status(StatusCode.FailedPrecondition, "down"));
            }

            foreach (var record in request.Records)
            {
                entitlement.Usage.Writer.TryWrite(record);
            }

            return Task.FromResult(new ReportUsageResponse { Accepted = request.Records.Count });
        }
    }
}
