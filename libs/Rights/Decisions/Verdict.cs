using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Rights.Decisions;

/// <summary>What was decided by which rule, and what would change it.</summary>
/// <param name="Allowed">May he?</param>
/// <param name="Rule">The rule that decided, stable.</param>
/// <param name="Message">For people: the ground, and who can change it. Without the rule, which whoever passes it on says in his protocol's place for it.</param>
/// <param name="MissingStep">What would change a refusal.</param>
/// <param name="Who">Who can take that step.</param>
public sealed record Verdict(bool Allowed, string Rule, string Message, string MissingStep = "", string Who = "")
{
    /// <summary>For how long the answer may be used again; null: this once.</summary>
    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>When an acceptance that it rests on ends; null: none of them does by itself.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    public int RetryAfterSeconds { get; init; }

    /// <summary>Of a ground: no rule behind it can stand against it.</summary>
    public bool IsFinal { get; init; }

    public static Verdict Allow(string rule, string message) => new(true, rule, message);

    public static Verdict AllowFinally(string rule, string message) => Allow(rule, message) with { IsFinal = true };

    public static Verdict Refuse(string rule, string message, string missingStep, string who) =>
        new(false, rule, $"{message}; {who} can change that: {missingStep}", missingStep, who);

    /// <summary>A refusal says where it is explained.</summary>
    public Decision ToMessage(Action action, Resource resource) => new()
    {
        Allowed = Allowed,
        Rule = Rule,
        Message = Message,
        MissingStep = MissingStep,
        Who = Who,
        ValidUntil = ValidUntil?.ToTimestamp(),
        RetryAfterSeconds = RetryAfterSeconds,
        EndsAt = EndsAt?.ToTimestamp(),
        Why = Allowed ? "" : WhyAddress.Of(action, resource),
    };
}
