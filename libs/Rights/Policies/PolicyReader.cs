using System.Globalization;
using System.Text.RegularExpressions;
using ModelGarden.Formats.Cards;
using ModelGarden.Kernel;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Rights.Policies;

/// <summary>Reads a policy from YAML or JSON. What is wrong is said with its line and field, up to ten faults at once; what is not known is wrong.</summary>
public sealed partial class PolicyReader
{
    public const int MaximumLength = 262_144;
    private const int MaximumRules = 1000;
    private const int MaximumValues = 100;
    private const int MaximumValue = 200;
    private const int MaximumReason = 500;
    private const int ShownFaults = 10;
    private static readonly Dictionary<string, Action> Actions = new(StringComparer.Ordinal) { ["download"] = Action.Download, ["deploy"] = Action.Deploy, ["call"] = Action.Call };
    private readonly List<CardIssue> _faults = [];

    private PolicyReader()
    {
    }

    /// <summary>An empty text is a policy without rules.</summary>
    public static Result<Policy> Read(string text)
    {
        if (text.Length > MaximumLength)
        {
            return Error.Invalid("BAD_POLICY", $"the policy has {text.Length} characters: at most {MaximumLength} are read");
        }

        var reader = new PolicyReader();
        var policy = CardYaml.Parse(text, 1, reader._faults) is { } map ? reader.ReadPolicy(map) : new([]);
        return reader._faults.Count is 0 ? policy : Error.Invalid("BAD_POLICY", string.Join("; ", reader._faults.Take(ShownFaults).Select(Worded)) + More(reader._faults.Count));
    }

    private Policy ReadPolicy(CardMap map)
    {
        var rules = new List<PolicyRule>();
        foreach (var (name, value) in map.Entries)
        {
            if (name.Text is not "rules")
            {
                Report(name, name.Text, "there is no such field here: rules is");
            }
            else if (value is CardList { Items.Count: <= MaximumRules } list)
            {
                rules.AddRange(list.Items.Select((item, i) => ReadRule(item, $"rules[{i}]")).OfType<PolicyRule>());
                RequireDistinct(list);
            }
            else if (value is not CardScalar { IsNull: true })
            {
                Report(value, "rules", $"a list of at most {MaximumRules} rules is expected");
            }
        }

        return new(rules);
    }

    private PolicyRule? ReadRule(CardNode node, string path)
    {
        if (node is not CardMap map)
        {
            Report(node, path, "a rule is a mapping with id, effect and when");
            return null;
        }

        foreach (var (name, _) in map.Entries.Where(entry => entry.Key.Text is not ("id" or "effect" or "actions" or "because" or "when")))
        {
            Report(name, $"{path}.{name.Text}", "there is no such field here: id, effect, actions, because and when are");
        }

        return new(
            ReadText(map, $"{path}.id", "id", 64) is { Length: > 0 } id && IdPattern.IsMatch(id) ? id : Missing(map, $"{path}.id", "1 to 64 lower-case letters, digits, '-' or '_' are expected"),
            ReadEffect(map, path) is "deny",
            ReadActions(map.Find("actions"), $"{path}.actions"),
            ReadText(map, $"{path}.because", "because", MaximumReason),
            ReadWhen(map.Find("when"), $"{path}.when"));
    }

    private string ReadEffect(CardMap map, string path) =>
        (map.Find("effect") as CardScalar)?.Text is "deny" or "allow" ? ((CardScalar)map.Find("effect")!).Text : Missing(map, $"{path}.effect", "allow or deny is expected", "effect");

    private string ReadText(CardMap map, string path, string name, int most)
    {
        switch (map.Find(name))
        {
            case null or CardScalar { IsNull: true }:
                return "";
            case CardScalar scalar when Text.Refusal(name, scalar.Text, 0, most) is { } refusal:
                Report(scalar, path, refusal.Message);
                return "";
            case CardScalar scalar:
                return scalar.Text;
            case { } node:
                Report(node, path, "a text is expected");
                return "";
        }
    }

    private List<Action> ReadActions(CardNode? node, string path)
    {
        if (node is null or CardScalar { IsNull: true })
        {
            return [.. Actions.Values];
        }

        var read = new List<Action>();
        foreach (var word in Scalars(node, path))
        {
            if (Actions.TryGetValue(word.Text, out var action))
            {
                read.Add(action);
            }
            else
            {
                Report(word, path, $"'{Text.Shorten(word.Text)}' is none of {string.Join(", ", Actions.Keys)}");
            }
        }

        return read;
    }

    private List<Condition> ReadWhen(CardNode? node, string path)
    {
        if (node is null or CardScalar { IsNull: true })
        {
            return [];
        }

        if (node is CardMap map)
        {
            return [.. map.Entries.Select(entry => ReadCondition(entry.Key, entry.Value, $"{path}.{Text.Shorten(entry.Key.Text)}")).OfType<Condition>()];
        }

        Report(node, path, "a mapping of fields to what they are to be is expected");
        return [];
    }

    private Condition? ReadCondition(CardScalar name, CardNode value, string path)
    {
        if (name.Text is PolicyFields.LargerThan or PolicyFields.SmallerThan)
        {
            return ReadSize(name.Text, value, path);
        }

        if (PolicyFields.All.FirstOrDefault(field => field.Name == name.Text) is not { } field)
        {
            Report(name, path, $"there is no such field: {string.Join(", ", PolicyFields.Names)} are");
            return null;
        }

        var values = Scalars(value, path);
        foreach (var one in values.Where(one => one.Text.Length is 0 or > MaximumValue || (field.Words is { } words && !words.Contains(one.Text))))
        {
            Report(one, path, field.Words is { } words ? $"'{Text.Shorten(one.Text)}' is none of {string.Join(", ", words)}" : $"1 to {MaximumValue} characters are expected, * for any");
        }

        return new PatternCondition(field.Name, Text.Shorten(string.Join(", ", values.Select(one => one.Text)), 300), [.. values.Select(one => new Pattern(one.Text))], field.Read);
    }

    private SizeCondition? ReadSize(string name, CardNode value, string path)
    {
        if (value is CardScalar { Text: var text } && SizePattern.Match(text) is { Success: true } found
            && double.Parse(found.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * Unit(found.Groups[2].Value) is var bytes and < long.MaxValue)
        {
            return new(name, text, (long)bytes, name is PolicyFields.LargerThan);
        }

        Report(value, path, "a size is expected: bytes, or such as 20 GB or 1.5 GiB");
        return null;
    }

    /// <summary>One value, or a list of them; at least one.</summary>
    private IReadOnlyList<CardScalar> Scalars(CardNode node, string path)
    {
        if (node is CardScalar { IsNull: false } one)
        {
            return [one];
        }

        if (node is CardList { Items.Count: > 0 and <= MaximumValues } list && list.Items.All(item => item is CardScalar { IsNull: false }))
        {
            return [.. list.Items.Cast<CardScalar>()];
        }

        Report(node, path, $"a value, or a list of 1 to {MaximumValues}, is expected");
        return [];
    }

    private void RequireDistinct(CardList rules)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, rule) in rules.Items.Index())
        {
            if ((rule as CardMap)?.Find("id") is CardScalar id && !known.Add(id.Text))
            {
                Report(id, $"rules[{i}].id", $"there is a rule '{Text.Shorten(id.Text)}' already");
            }
        }
    }

    private string Missing(CardMap map, string path, string expected, string name = "id")
    {
        Report(map.Find(name) ?? map, path, expected);
        return "";
    }

    private void Report(CardNode at, string path, string message) => _faults.Add(new(CardSeverity.Error, at.Line, at.Column, Text.Shorten(path), message));

    private static string Worded(CardIssue fault) => $"line {fault.Line}{(fault.Field.Length > 0 ? $", {fault.Field}" : "")}: {fault.Message}";

    private static string More(int faults) => faults > ShownFaults ? $"; and {faults - ShownFaults} more" : "";

    private static double Unit(string unit) => unit switch
    {
        "" or "B" => 1,
        _ => Math.Pow(unit[^2] is 'i' ? 1024 : 1000, " KMGT".IndexOf(char.ToUpperInvariant(unit[0]), StringComparison.Ordinal)),
    };

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9_\-]{0,63}\z")]
    private static partial Regex IdPattern { get; }

    [GeneratedRegex(@"\A([0-9]{1,15}(?:\.[0-9]{1,3})?) ?(B|[kKMGT]i?B)?\z")]
    private static partial Regex SizePattern { get; }
}
