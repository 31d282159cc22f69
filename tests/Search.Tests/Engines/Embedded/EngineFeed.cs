using ModelGarden.Contracts.V1;
using ModelGarden.Search.Engines;
using ModelGarden.Testing;

namespace ModelGarden.Search.Tests.Engines.Embedded;

/// <summary>A feed of random changes, which says the same at a position whenever it is asked, and knows what there was then.</summary>
internal sealed class EngineFeed(int seed)
{
    private readonly List<(Repository State, bool IsGone)> _changes = [];
    private readonly List<IReadOnlyCollection<Repository>> _states = [[]];

    public RandomGarden Random { get; } = new(seed);

    private static CancellationToken Cancel => Patience.Cancel;

    public int CountAt(long position) => _states[(int)position].Count;

    /// <summary>Says the next so many changes from where the engine stands.</summary>
    public async Task SayAsync(ISearchEngine engine, int changes)
    {
        for (var i = 0; i < changes; i++)
        {
            var position = engine.Position + 1;
            while (_changes.Count < position)
            {
                Add();
            }

            var (state, isGone) = _changes[(int)position - 1];
            await (isGone ? engine.RemoveAsync(state.Id, position, Cancel) : engine.PutAsync(state, position, Cancel));
        }
    }

    /// <summary>Compares what the engine has with what there was at its position.</summary>
    public async Task CompareAsync(ISearchEngine engine)
    {
        var states = _states[(int)engine.Position];
        Assert.Equal(states.Count, engine.Count);
        for (var i = 0; i < 3; i++)
        {
            await SearchEngineContract.CompareAsync(engine, states, Random.Query(), Random.Viewer());
        }
    }

    private void Add()
    {
        var (state, isGone) = (Random.Repository(Random.Next(120)), Random.Next(4) is 0);
        var states = _states[^1].Where(other => other.Id != state.Id);
        _changes.Add((state, isGone));
        _states.Add([.. isGone ? states : states.Append(state)]);
    }
}
