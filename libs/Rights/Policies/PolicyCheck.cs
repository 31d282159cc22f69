using ModelGarden.Contracts.V1;
using ModelGarden.Rights.Decisions;
using Verdict = ModelGarden.Rights.Decisions.Verdict;

namespace ModelGarden.Rights.Policies;

/// <summary>Holds a model against policies, the garden's before the tenant's: first what they deny, then whether it is among what they allow.</summary>
public static class PolicyCheck
{
    public const string Denied = "POLICY_DENIED";
    public const string NotAllowed = "POLICY_NOT_ALLOWED";

    /// <summary>Null: no policy has anything against it.</summary>
    public static Verdict? Refusal(PolicySubject subject, IReadOnlyList<StandingPolicy> policies)
    {
        foreach (var standing in policies)
        {
            if (standing.Policy.DenialOf(subject) is { } rule)
            {
                return Denial(subject, standing, rule);
            }
        }

        return policies.FirstOrDefault(standing => !standing.Policy.Allows(subject)) is { } list ? Omission(subject, list) : null;
    }

    /// <summary>Each rule that was looked at, in the order of <see cref="Refusal"/>, which ends with the one that refuses.</summary>
    public static IEnumerable<DecisionStep> Steps(PolicySubject subject, IReadOnlyList<StandingPolicy> policies)
    {
        foreach (var standing in policies)
        {
            foreach (var rule in standing.Policy.About(subject.Action, denies: true))
            {
                var obstacle = rule.Obstacle(subject);
                yield return obstacle is null ? Refused(standing, Denial(subject, standing, rule), rule.Id) : Passed(standing, rule, Denied, $"does not apply: {Reason(obstacle, subject)}");
                if (obstacle is null)
                {
                    yield break;
                }
            }
        }

        foreach (var standing in policies)
        {
            var obstacles = standing.Policy.About(subject.Action, denies: false).Select(rule => (Rule: rule, Obstacle: rule.Obstacle(subject))).ToList();
            var looked = obstacles.FindIndex(one => one.Obstacle is null) is >= 0 and var first ? first + 1 : obstacles.Count;
            foreach (var (rule, obstacle) in obstacles.Take(looked))
            {
                yield return Passed(standing, rule, NotAllowed, obstacle is null ? "allows it" : $"does not allow it: {Reason(obstacle, subject)}");
            }

            if (obstacles.Count > 0 && obstacles[looked - 1].Obstacle is not null)
            {
                yield return Refused(standing, Omission(subject, standing), "");
                yield break;
            }
        }
    }

    private static Verdict Denial(PolicySubject subject, StandingPolicy standing, PolicyRule rule) => Verdict.Refuse(
        Denied,
        $"rule '{rule.Id}' of {standing.Title} forbids to {subject.Verb} {subject.Repository}{Ground(subject, rule)}",
        $"change the rule '{rule.Id}': garden policy set{(standing.Tenant.Length > 0 ? "" : " --whole-garden")}",
        standing.Keeper);

    private static Verdict Omission(PolicySubject subject, StandingPolicy standing) => Verdict.Refuse(
        NotAllowed,
        $"no rule of {standing.Title} allows to {subject.Verb} {subject.Repository}, and what none allows is refused",
        $"add a rule that allows it: garden policy set{(standing.Tenant.Length > 0 ? "" : " --whole-garden")}",
        standing.Keeper);

    /// <summary>The rule's own reason, and the facts that it goes by.</summary>
    private static string Ground(PolicySubject subject, PolicyRule rule) =>
        (rule.Because.Length > 0 ? $", because {rule.Because}" : "") + (rule.When.Count > 0 ? $" ({string.Join("; ", rule.When.Select(condition => condition.Is(subject)))})" : "");

    private static string Reason(Condition obstacle, PolicySubject subject) => $"{obstacle.Is(subject)}, the rule is for {obstacle.Field}: {obstacle.Wanted}";

    private static DecisionStep Passed(StandingPolicy standing, PolicyRule rule, string name, string message) => new()
    {
        Rule = name,
        Outcome = StepOutcome.Passed,
        Message = $"rule '{rule.Id}' of {standing.Title} {message}",
        PolicyRule = rule.Id,
        PolicyTenant = standing.Tenant,
        PolicyVersion = standing.Version,
    };

    private static DecisionStep Refused(StandingPolicy standing, Verdict verdict, string rule) => new()
    {
        Rule = verdict.Rule,
        Outcome = StepOutcome.Refused,
        Message = verdict.Message,
        PolicyRule = rule,
        PolicyTenant = standing.Tenant,
        PolicyVersion = standing.Version,
    };
}
