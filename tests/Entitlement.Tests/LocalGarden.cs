using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Rights.Decisions;
using ModelGarden.Rights.Local;
using ModelGarden.Testing;
using Action = ModelGarden.Contracts.V1.Action;
using Verdict = ModelGarden.Rights.Decisions.Verdict;

namespace ModelGarden.Entitlement.Tests;

/// <summary>A service that goes by the feed: reads it when it is told to.</summary>
internal sealed class LocalGarden
{
    private readonly EntitlementGarden _garden;
    private readonly RightsFeed _feed;
    private readonly LocalDecider _decider;

    public LocalGarden(EntitlementGarden garden)
    {
        _garden = garden;
        _feed = new(Options.Create(new RightsOptions()), garden.Clock);
        _decider = new(_feed, garden.Clock);
    }

    /// <summary>Reads all that is new.</summary>
    public async Task CatchUpAsync()
    {
        var (cancel, began) = (Patience.Cancel, _garden.Clock.GetTimestamp());
        using var call = new ChangeFeed.ChangeFeedClient(_garden.Garden.As(People.Service(ServiceNames.Hub), ServiceNames.Entitlement)).Watch(new() { From = _feed.Position }, cancellationToken: cancel);
        while (await call.ResponseStream.MoveNext(cancel))
        {
            switch (call.ResponseStream.Current)
            {
                case { SnapshotBegin: not null }:
                    await _feed.ResetAsync(cancel);
                    break;
                case { Change: { } change }:
                    await _feed.ApplyAsync(change, cancel);
                    break;
                case { CaughtUp: { } end }:
                    await _feed.CaughtUpAsync(end.Sequence, cancel);
                    _feed.Heard(began);
                    return;
            }
        }
    }

    /// <summary>Null: it would ask.</summary>
    public Verdict? Decide(Principal who, Action action, Resource resource) => _decider.Decide(Question.Create(action, resource, new Caller(who, "")).Value);
}
