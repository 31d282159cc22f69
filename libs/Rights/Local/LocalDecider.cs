using ModelGarden.Rights.Decisions;

namespace ModelGarden.Rights.Local;

/// <summary>Decides as Entitlement would, from what its feed told.</summary>
internal sealed class LocalDecider(RightsFeed feed, TimeProvider clock)
{
    /// <summary>Null: it is not to be said from here. Nothing is known, or not all that this depends on, or what is may have changed; or doing what is allowed would take a seat, which is Entitlement's to give.</summary>
    public Verdict? Decide(Question question)
    {
        if (feed.Book?.FactsOf(question, clock.GetUtcNow()) is not { } facts)
        {
            return null;
        }

        var verdict = Decider.Decide(question, facts);
        return Decider.SeatsOf(question, facts, verdict).Count > 0 ? null : verdict;
    }
}
