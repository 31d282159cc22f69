using ModelGarden.Kernel;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>
/// What a query may still cost, and whether anybody still waits for it. Work is counted in steps, not by a clock, so that the same query over the same index is always answered or always refused. A step
/// is about what a nanosecond does on a machine of 2026.
/// </summary>
internal sealed class Work(long steps, CancellationToken cancellationToken)
{
    private long _left = steps;

    /// <summary>Takes steps before, or soon after, they are done: some hundred thousand at a time at most.</summary>
    /// <param name="steps">How many.</param>
    /// <param name="part">Of the query that they are for.</param>
    /// <param name="text">Of the part, for the one who asks.</param>
    /// <exception cref="OperationCanceledException">Nobody waits.</exception>
    /// <exception cref="ErrorException">QUERY_TOO_COSTLY.</exception>
    public void Take(long steps, QueryPart part, string text = "")
    {
        cancellationToken.ThrowIfCancellationRequested();
        _left -= steps;
        if (_left < 0)
        {
            throw new ErrorException(SearchErrors.QueryTooCostly(part, text));
        }
    }
}
