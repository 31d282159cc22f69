using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;

namespace ModelGarden.Search.Tests;

/// <summary>Stands in for Catalog's change feed: says what a test tells it to.</summary>
internal sealed class CatalogDouble : ChangeFeed.ChangeFeedBase
{
    private readonly Lock _gate = new();
    private readonly List<FeedEvent> _events = [];
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _begin;
    private long _sequence;

    public ServiceDefinition Definition => new(
        ServiceNames.Catalog,
        builder => builder.Services.AddSingleton(this),
        app => app.MapGarden<CatalogDouble>(ChangeFeed.Descriptor));

    public void Say(Repository repository) => Add(new() { Change = new() { Sequence = ++_sequence, Key = $"repository/{repository.Id}", State = Any.Pack(repository) } });

    public void SayGone(string id) => Add(new() { Change = new() { Sequence = ++_sequence, Key = $"repository/{id}" } });

    public void SaySomethingElse() => Add(new() { Change = new() { Sequence = ++_sequence, Key = "other/1", State = Any.Pack(new Principal()) } });

    public void SayCaughtUp() => Add(new() { CaughtUp = new() { Sequence = _sequence } });

    /// <summary>Forgets what was said, as when the log was trimmed: who stands in it must begin anew.</summary>
    public void StartOver()
    {
        lock (_gate)
        {
            _begin = _events.Count;
            _sequence++;
        }

        Pulse();
    }

    public override async Task Watch(WatchRequest request, IServerStreamWriter<FeedEvent> responseStream, ServerCallContext context)
    {
        var begin = _begin;
        if (request.From is 0)
        {
            await responseStream.WriteAsync(new() { SnapshotBegin = new() }, context.CancellationToken);
        }
        else if (begin > 0)
        {
            throw new Kernel.ErrorException(Kernel.Error.Conflict("TOO_OLD", "begin anew"));
        }

        for (var sent = begin; begin == _begin;)
        {
            var next = _next.Task;
            foreach (var said in From(sent))
            {
                sent++;
                await responseStream.WriteAsync(said, context.CancellationToken);
            }

            await next.WaitAsync(context.CancellationToken);
        }
    }

    private void Add(FeedEvent said)
    {
        lock (_gate)
        {
            _events.Add(said);
        }

        Pulse();
    }

    private List<FeedEvent> From(int position)
    {
        lock (_gate)
        {
            return _events[position..];
        }
    }

    private void Pulse() => Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}
