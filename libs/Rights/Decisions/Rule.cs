using ModelGarden.Contracts.V1;

namespace ModelGarden.Rights.Decisions;

/// <summary>One rule of decisions.</summary>
/// <param name="Say">What it says of a question; null: nothing, the next one is asked.</param>
/// <param name="Tell">The same in steps of a derivation, given what it said.</param>
internal sealed record Rule(Func<Question, Facts, Verdict?> Say, Func<Question, Facts, Verdict?, IEnumerable<DecisionStep>> Tell)
{
    /// <summary>A rule that is one step, under its own name where it says nothing.</summary>
    /// <param name="name">As its refusal is called.</param>
    /// <param name="say">What it says.</param>
    /// <param name="pass">Why it said nothing; null: it is no matter of this question, and no step.</param>
    public static Rule Of(string name, Func<Question, Facts, Verdict?> say, Func<Question, Facts, string?> pass) =>
        new(say, (question, facts, verdict) => verdict is not null ? [StepOf(verdict)] : pass(question, facts) is { } words ? [Passed(name, words)] : []);

    public static DecisionStep Passed(string name, string words) => new() { Rule = name, Outcome = StepOutcome.Passed, Message = words };

    public static DecisionStep StepOf(Verdict verdict) => new() { Rule = verdict.Rule, Outcome = verdict.Allowed ? StepOutcome.Allowed : StepOutcome.Refused, Message = verdict.Message };
}
