using ModelGarden.Contracts.V1;

namespace ModelGarden.Entitlement.Policies;

/// <summary>Counts rows of a report and keeps the most frequent ones.</summary>
internal sealed class ReplayList
{
    private const int Limit = 1000;
    private readonly PriorityQueue<ReplayRow, long> _most = new();

    public long Decisions { get; private set; }

    public long Count { get; private set; }

    /// <summary>The most frequent first.</summary>
    public IEnumerable<ReplayRow> Rows => _most.UnorderedItems.Select(item => item.Element)
        .OrderByDescending(row => row.Count).ThenBy(row => row.Tenant, StringComparer.Ordinal).ThenBy(row => row.Repository, StringComparer.Ordinal).ThenBy(row => row.Account, StringComparer.Ordinal);

    /// <param name="decisions">How many.</param>
    /// <param name="row">Made only if it is kept.</param>
    public void Add(long decisions, Func<ReplayRow> row)
    {
        Decisions += decisions;
        Count++;
        if (_most.Count < Limit)
        {
            _most.Enqueue(row(), decisions);
        }
        else if (_most.TryPeek(out _, out var least) && least < decisions)
        {
            _most.DequeueEnqueue(row(), decisions);
        }
    }
}
