using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Entitlement.Tests;

internal sealed record PolicySet(string Scope, SlowRule[] Rules);

internal sealed record TextPut(string License, string Text);

internal sealed record Accepted(string Tenant, string License, DateTimeOffset? Until);

internal sealed record Withdrawn(string Tenant, string License);

internal sealed record Granted(string Repository, string Account, DateTimeOffset? Until);

internal sealed record Rejected(string Repository, string Account);

/// <summary>A rule with at most one condition: a field and the values that it asks for.</summary>
internal sealed record SlowRule(string Id, bool Denies, Action[] Actions, string Field, string[] Wanted);

/// <summary>Decides by going through everything that ever happened, each time: slow, and written as the README says it.</summary>
internal sealed class SlowGarden
{
    private static readonly (string Field, string[] Values)[] Conditions =
    [
        ("publisher", ["meta", "acme"]), ("license", ["l-one", "l-two"]), ("format", ["torch", "safetensors", "gguf"]), ("rating", ["general", "sensitive", "unrated"]), ("own", ["true", "false"]), ("larger_than", ["100", "9999"]),
    ];

    private readonly List<object> _events = [];

    public void Add(object happened) => _events.Add(happened);

    public IEnumerable<PolicySet> PoliciesOf(string scope) => _events.OfType<PolicySet>().Where(set => set.Scope == scope);

    public SlowRule[] MakeRules(Random random) => [.. Enumerable.Range(0, random.Next(4)).Select(i =>
    {
        var (field, values) = random.Next(6) is 0 ? ("", []) : Conditions[random.Next(Conditions.Length)];
        var wanted = values.Where(_ => random.Next(2) is 0).Take(field is "own" or "larger_than" ? 1 : 9).ToArray();
        return new SlowRule($"r{i}", random.Next(2) is 0, [.. new[] { Action.Download, Action.Deploy, Action.Call }.Where(_ => random.Next(2) is 0)], wanted.Length > 0 ? field : "", wanted);
    }).Where(rule => rule.Actions.Length > 0)];

    public static string Write(SlowRule[] rules) => "rules:\n" + string.Concat(rules.Select(rule =>
        $"  - id: {rule.Id}\n    effect: {(rule.Denies ? "deny" : "allow")}\n    actions: [{string.Join(", ", rule.Actions.Select(action => action.ToString().ToLowerInvariant()))}]\n"
        + (rule.Field.Length > 0 ? $"    when:\n      {rule.Field}: {(rule.Wanted.Length is 1 ? rule.Wanted[0] : $"[{string.Join(", ", rule.Wanted)}]")}\n" : "")));

    public (bool Allowed, string Rule) Decide(Principal who, Action action, Resource model, DateTimeOffset now)
    {
        var isOwn = model.Repository.StartsWith(who.Tenant + "/", StringComparison.Ordinal);
        if (action is Action.Deploy && !who.Roles.Contains(Roles.Engineer))
        {
            return (false, "ROLE_MISSING");
        }

        if (action is Action.Download && who.Roles.Contains(Roles.Curator))
        {
            return (true, "CURATOR");
        }

        var policies = new[] { "", who.Tenant }.Select(scope => PoliciesOf(scope).LastOrDefault()).OfType<PolicySet>()
            .Select(set => set.Rules.Where(rule => rule.Actions.Contains(action)).ToList()).ToList();
        if (policies.Any(rules => rules.Any(rule => rule.Denies && Says(rule, model, isOwn) is not false)))
        {
            return (false, "POLICY_DENIED");
        }

        if (policies.Any(rules => rules.Any(rule => !rule.Denies) && !rules.Any(rule => !rule.Denies && Says(rule, model, isOwn) is true)))
        {
            return (false, "POLICY_NOT_ALLOWED");
        }

        return isOwn ? (true, "OWNER") : ByLicenses(who, model, now);
    }

    private (bool Allowed, string Rule) ByLicenses(Principal who, Resource model, DateTimeOffset now)
    {
        if (model.Licenses.Count is 0)
        {
            return (false, "NO_LICENSE");
        }

        if (model.Licenses.Any(license => !IsAccepted(who.Tenant, license, now)))
        {
            return (false, "LICENSE_NOT_ACCEPTED");
        }

        return model.Gate is not AccessGate.Manual ? (true, "LICENSE_ACCEPTED") : _events.LastOrDefault(one => IsOnAccess(one, model.Repository, who.Name)) switch
        {
            Granted { Until: var until } when until is null || until > now => (true, "ACCESS_GRANTED"),
            Rejected => (false, "ACCESS_REJECTED"),
            _ => (false, "ACCESS_NOT_REQUESTED"),
        };
    }

    /// <summary>The last word on the text as it stands: a text that is another than before ends all that was accepted.</summary>
    private bool IsAccepted(string tenant, string license, DateTimeOffset now)
    {
        var (text, standing) = ("", (Accepted?)null);
        foreach (var happened in _events)
        {
            switch (happened)
            {
                case TextPut put when put.License == license && put.Text != text:
                    (text, standing) = (put.Text, null);
                    break;
                case Accepted accepted when (accepted.Tenant, accepted.License) == (tenant, license):
                    standing = accepted;
                    break;
                case Withdrawn withdrawn when (withdrawn.Tenant, withdrawn.License) == (tenant, license):
                    standing = null;
                    break;
                default:
                    break;
            }
        }

        return standing is not null && (standing.Until is null || standing.Until > now);
    }

    private static bool IsOnAccess(object happened, string repository, string account) =>
        (happened is Granted granted && (granted.Repository, granted.Account) == (repository, account)) || (happened is Rejected rejected && (rejected.Repository, rejected.Account) == (repository, account));

    /// <summary>Whether a rule's condition holds; null: nobody knows.</summary>
    private static bool? Says(SlowRule rule, Resource model, bool isOwn)
    {
        var facts = model.Facts;
        return rule.Field switch
        {
            "" => true,
            "publisher" => rule.Wanted.Contains(model.Repository.Split('/')[0]),
            "own" => rule.Wanted.Contains(isOwn ? "true" : "false"),
            "license" => Of(rule, model.Licenses),
            "larger_than" => facts is null ? null : facts.Size > long.Parse(rule.Wanted[0], System.Globalization.CultureInfo.InvariantCulture),
            "rating" => facts is null ? null : rule.Wanted.Contains(facts.Rating.ToString().ToLowerInvariant()),
            _ when facts is null => null,
            // Some of the formats are known: they may settle it.
            _ when facts.Verdict is Verdict.Pending => rule.Denies
                ? facts.Formats.Any(rule.Wanted.Contains) ? true : null
                : facts.Formats.All(rule.Wanted.Contains) ? null : false,
            _ => Of(rule, facts.Formats),
        };
    }

    private static bool Of(SlowRule rule, Google.Protobuf.Collections.RepeatedField<string> values) =>
        values.Count > 0 && (rule.Denies ? values.Any(rule.Wanted.Contains) : values.All(rule.Wanted.Contains));
}
