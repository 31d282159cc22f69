using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Entitlement.Tests;

internal sealed record PolicySet(string Scope, SlowRule[] Rules);

internal sealed record TextPut(string License, string Text, int GraceDays, DateTimeOffset At);

/// <param name="Tenant">Whose.</param>
/// <param name="License">Of which.</param>
/// <param name="For">The member for whom alone; empty: for all.</param>
/// <param name="Until">Null: for as long as the text stands.</param>
internal sealed record Accepted(string Tenant, string License, string For, DateTimeOffset? Until);

internal sealed record Withdrawn(string Tenant, string License, string For);

internal sealed record Asked(string Repository, string Account, bool IsAutomatic, DateTimeOffset At);

internal sealed record Handled(string Repository, string Account, AccessStatus Status, DateTimeOffset? Until);

internal sealed record ContractPut(string Id, string License, string[] Tenants, DateTimeOffset From, DateTimeOffset To, int Seats);

internal sealed record SeatTaken(string Contract, string Tenant, string Account);

internal sealed record SeatReleased(string Contract, string Tenant, string Account);

internal sealed record Limited(string Tenant, bool IsLimited);

/// <param name="Allowed">May he?</param>
/// <param name="Rule">Which decided.</param>
/// <param name="Seat">The contract of which a seat is taken with it; null: none is.</param>
internal sealed record SlowDecision(bool Allowed, string Rule, string? Seat = null);

/// <summary>A rule with at most one condition: a field and the values that it asks for.</summary>
internal sealed record SlowRule(string Id, bool Denies, Action[] Actions, string Field, string[] Wanted);

/// <summary>Decides by going through everything that ever happened, each time: slow, and written as the README says it.</summary>
internal sealed class SlowGarden
{
    /// <summary>The licence that is given by contract, and needs no acceptance.</summary>
    public const string Deal = "l-deal";

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

    public bool IsLimited(string tenant) => _events.OfType<Limited>().LastOrDefault(one => one.Tenant == tenant) is { IsLimited: true };

    public SlowDecision Decide(Principal who, Action action, Resource model, DateTimeOffset now)
    {
        var isOwn = model.Repository.StartsWith(who.Tenant + "/", StringComparison.Ordinal);
        if (action is Action.Deploy && !who.Roles.Contains(Roles.Engineer))
        {
            return new(false, "ROLE_MISSING");
        }

        if (action is Action.Download && who.Roles.Contains(Roles.Curator))
        {
            return new(true, "CURATOR");
        }

        var policies = new[] { "", who.Tenant }.Select(scope => PoliciesOf(scope).LastOrDefault()).OfType<PolicySet>()
            .Select(set => set.Rules.Where(rule => rule.Actions.Contains(action)).ToList()).ToList();
        if (policies.Any(rules => rules.Any(rule => rule.Denies && Says(rule, model, isOwn) is not false)))
        {
            return new(false, "POLICY_DENIED");
        }

        if (policies.Any(rules => rules.Any(rule => !rule.Denies) && !rules.Any(rule => !rule.Denies && Says(rule, model, isOwn) is true)))
        {
            return new(false, "POLICY_NOT_ALLOWED");
        }

        return isOwn ? new(true, "OWNER") : ByLicenses(who, model, now);
    }

    private SlowDecision ByLicenses(Principal who, Resource model, DateTimeOffset now)
    {
        if (model.Licenses.Count is 0)
        {
            return new(false, "NO_LICENSE");
        }

        var seat = (string?)null;
        foreach (var license in model.Licenses)
        {
            if (license == Deal)
            {
                var (refusal, free) = ByContract(who, now);
                if (refusal is not null)
                {
                    return new(false, refusal);
                }

                seat = free;
            }
            else if (!IsAccepted(who, license, now))
            {
                return new(false, "LICENSE_NOT_ACCEPTED");
            }
        }

        return model.Gate is AccessGate.None
            ? new(true, model.Licenses.All(license => license == Deal) ? "LICENSE_FREE" : "LICENSE_ACCEPTED", seat)
            : ByAccess(model, AccessOf(model.Repository, who.Name), now) is { Allowed: true } granted ? granted with { Seat = seat }
            : ByAccess(model, AccessOf(model.Repository, who.Name), now);
    }

    private static SlowDecision ByAccess(Resource model, (AccessStatus Status, DateTimeOffset? Until) access, DateTimeOffset now) => access switch
    {
        (AccessStatus.Accepted, var until) when until is null || until > now => new(true, "ACCESS_GRANTED"),
        (AccessStatus.Pending, _) when model.Gate is AccessGate.Manual => new(false, "ACCESS_PENDING"),
        (AccessStatus.Rejected, _) => new(false, "ACCESS_REJECTED"),
        _ => new(false, "ACCESS_NOT_REQUESTED"),
    };

    private (AccessStatus Status, DateTimeOffset? Until) AccessOf(string repository, string account)
    {
        var access = (Status: AccessStatus.Unspecified, Until: (DateTimeOffset?)null);
        foreach (var happened in _events)
        {
            if (happened is Handled handled && (handled.Repository, handled.Account) == (repository, account))
            {
                access = (handled.Status, handled.Until);
            }
            else if (happened is Asked asked && (asked.Repository, asked.Account) == (repository, account))
            {
                var isOver = access.Status is AccessStatus.Accepted && access.Until <= asked.At;
                var isNothing = access.Status is AccessStatus.Unspecified || (access.Status is AccessStatus.Pending && asked.IsAutomatic);
                access = isOver || isNothing ? (asked.IsAutomatic ? AccessStatus.Accepted : AccessStatus.Pending, null) : access;
            }
        }

        return access;
    }

    /// <summary>Why the contracts do not let him, or the one of which he takes a seat.</summary>
    private (string? Refusal, string? Seat) ByContract(Principal who, DateTimeOffset now)
    {
        var contracts = _events.OfType<ContractPut>().GroupBy(put => put.Id).Select(puts => puts.Last()).Where(contract => contract.Tenants.Contains(who.Tenant)).ToList();
        var running = contracts.Where(contract => contract.From <= now && now < contract.To).OrderByDescending(contract => contract.To).ToList();
        if (running.Exists(contract => SeatsOf(contract.Id).Contains((who.Tenant, who.Name))))
        {
            return (null, null);
        }

        if (running.Find(contract => SeatsOf(contract.Id).Count < contract.Seats) is { } free)
        {
            return (null, free.Id);
        }

        return (contracts switch
        {
            _ when running.Count > 0 => "SEATS_TAKEN",
            _ when contracts.Exists(contract => contract.To <= now) => "CONTRACT_ENDED",
            { Count: > 0 } => "CONTRACT_NOT_BEGUN",
            _ => "CONTRACT_MISSING",
        }, null);
    }

    private HashSet<(string Tenant, string Account)> SeatsOf(string contract)
    {
        var seats = new HashSet<(string Tenant, string Account)>();
        foreach (var happened in _events)
        {
            switch (happened)
            {
                case SeatTaken taken when taken.Contract == contract:
                    seats.Add((taken.Tenant, taken.Account));
                    break;
                case SeatReleased released when released.Contract == contract:
                    seats.Remove((released.Tenant, released.Account));
                    break;
                case ContractPut put when put.Id == contract:
                    seats.RemoveWhere(seat => !put.Tenants.Contains(seat.Tenant));
                    break;
                default:
                    break;
            }
        }

        return seats;
    }

    /// <summary>The last word on the text as it stands, for all or for him; for the rest of a grace the last word on the text before does too.</summary>
    private bool IsAccepted(Principal who, string license, DateTimeOffset now)
    {
        var (text, grace) = ("", (DateTimeOffset?)null);
        var (standing, before) = (new Dictionary<string, DateTimeOffset?>(), new Dictionary<string, DateTimeOffset?>());
        foreach (var happened in _events)
        {
            switch (happened)
            {
                case TextPut put when put.License == license && put.Text != text:
                    grace = text.Length > 0 && put.GraceDays > 0 ? put.At.AddDays(put.GraceDays) : null;
                    (text, before, standing) = (put.Text, standing, []);
                    break;
                case Accepted accepted when (accepted.Tenant, accepted.License) == (who.Tenant, license):
                    standing[accepted.For] = accepted.Until;
                    break;
                case Withdrawn withdrawn when (withdrawn.Tenant, withdrawn.License) == (who.Tenant, license):
                    standing.Remove(withdrawn.For);
                    before.Remove(withdrawn.For);
                    break;
                default:
                    break;
            }
        }

        bool Counts(Dictionary<string, DateTimeOffset?> accepted) => accepted.Any(one => (one.Key.Length is 0 || one.Key == who.Name) && (one.Value is null || one.Value > now));
        return Counts(standing) || (now < grace && Counts(before));
    }

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
