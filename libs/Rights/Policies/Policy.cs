using System.Collections.Concurrent;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Rights.Policies;

/// <summary>One rule: a denial, or a part of a list of what is allowed.</summary>
/// <param name="Id">By which refusals name it; unique in its policy.</param>
/// <param name="Denies">False: it allows.</param>
/// <param name="Actions">Of which it says something.</param>
/// <param name="Because">For who is refused; may be empty.</param>
/// <param name="When">All of them have to match; none: always.</param>
public sealed record PolicyRule(string Id, bool Denies, IReadOnlyList<Action> Actions, string Because, IReadOnlyList<Condition> When)
{
    public bool Applies(PolicySubject subject) => Obstacle(subject) is null;

    /// <summary>The first condition for which it does not apply; null: it does. What is not known is held against the model: it is denied, and not allowed.</summary>
    public Condition? Obstacle(PolicySubject subject)
    {
        foreach (var condition in When)
        {
            if (condition.Of(subject, Denies) is var match && (match is Match.No || (match is Match.Unknown && !Denies)))
            {
                return condition;
            }
        }

        return null;
    }
}

/// <summary>The rules that an organisation sets, or the garden for all. Denials win; where a rule allows something, what none allows is refused.</summary>
public sealed class Policy(IReadOnlyList<PolicyRule> rules)
{
    private readonly ConcurrentDictionary<(Action Action, bool Denies), RuleIndex> _indexes = new();

    public IReadOnlyList<PolicyRule> Rules { get; } = rules;

    /// <summary>Rules that say something of an action, in their order.</summary>
    public IEnumerable<PolicyRule> About(Action action, bool denies) => Rules.Where(rule => rule.Denies == denies && rule.Actions.Contains(action));

    /// <summary>The first that denies it; null: none does.</summary>
    public PolicyRule? DenialOf(PolicySubject subject) => IndexOf(subject.Action, denies: true).FirstFor(subject);

    public bool Allows(PolicySubject subject) => IndexOf(subject.Action, denies: false) is var index && (index.IsEmpty || index.FirstFor(subject) is not null);

    /// <summary>Made when it is first asked for: many policies are read to be shown alone.</summary>
    private RuleIndex IndexOf(Action action, bool denies) => _indexes.GetOrAdd((action, denies), static (about, policy) => new(policy.About(about.Action, about.Denies)), this);
}

/// <summary>A policy that decisions are held against.</summary>
/// <param name="Tenant">As it is written; empty: the garden's.</param>
/// <param name="Version">0: a draft.</param>
/// <param name="Policy">Its rules.</param>
public sealed record StandingPolicy(string Tenant, int Version, Policy Policy)
{
    public string Title => $"{(Tenant.Length > 0 ? $"the policy of {Tenant}" : "the garden's policy")} ({(Version > 0 ? $"version {Version}" : "draft")})";

    /// <summary>Who can change it.</summary>
    public string Keeper => Tenant.Length > 0 ? $"admin or legal of {Tenant}" : "an operator of the garden";
}
