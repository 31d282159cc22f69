namespace ModelGarden.Rights.Policies;

/// <summary>
/// Finds the first of many rules that applies, looking at the few that can: each stands under the values of one of its conditions, the one that it has in common with the fewest others. All rules
/// of an index are denials, or all of them allow.
/// </summary>
internal sealed class RuleIndex
{
    private readonly PolicyRule[] _rules;

    // By position, of those without a condition that can be looked up.
    private readonly int[] _always;
    private readonly ValueIndex[] _fields;

    public RuleIndex(IEnumerable<PolicyRule> rules)
    {
        _rules = [.. rules];
        var common = _rules.SelectMany(Keys).CountBy(key => key).ToDictionary();
        var places = _rules.Index().ToLookup(rule => Lookups(rule.Item).MinBy(condition => KeysOf(condition).Sum(key => common[key])));
        _always = [.. places[null].Select(rule => rule.Index)];
        _fields = [.. places.Where(place => place.Key is not null).GroupBy(place => place.Key!.Field).Select(field => new ValueIndex(
            field.First().Key!.Read, [.. field.SelectMany(place => place.Select(rule => (place.Key!, rule.Index)))]))];
    }

    public bool IsEmpty => _rules.Length is 0;

    /// <summary>Null: none applies.</summary>
    public PolicyRule? FirstFor(PolicySubject subject)
    {
        var first = FirstOf(_always, subject, _rules.Length);
        foreach (var field in _fields)
        {
            first = FirstIn(field, subject, first);
        }

        return first < _rules.Length ? _rules[first] : null;
    }

    private static IEnumerable<PatternCondition> Lookups(PolicyRule rule) => rule.When.OfType<PatternCondition>().Where(condition => condition.Patterns.All(pattern => pattern.Beginning.Length > 0));

    private static IEnumerable<(string Field, bool IsWhole, string Beginning)> Keys(PolicyRule rule) => Lookups(rule).SelectMany(KeysOf);

    private static IEnumerable<(string Field, bool IsWhole, string Beginning)> KeysOf(PatternCondition condition) =>
        condition.Patterns.Select(pattern => (condition.Field, pattern.IsWhole, Key.Of(pattern.Beginning))).Distinct();

    /// <summary>The lowest position below one of a rule that stands under what the model is in a field, and applies; else that one.</summary>
    private int FirstIn(ValueIndex field, PolicySubject subject, int below)
    {
        var known = field.Read(subject);
        if (!known.IsWhole && _rules[0].Denies)
        {
            // What is not known may be what any of them denies.
            return FirstOf(field.All, subject, below);
        }

        foreach (var value in known.Values)
        {
            below = FirstOf(field.Of(value), subject, below);
            foreach (var (length, beginnings) in field.Beginnings)
            {
                below = value.Length >= length && beginnings.TryGetValue(value.AsSpan(0, length), out var rules) ? FirstOf(rules, subject, below) : below;
            }
        }

        return below;
    }

    private int FirstOf(int[] positions, PolicySubject subject, int below)
    {
        foreach (var position in positions)
        {
            if (position >= below)
            {
                return below;
            }

            if (_rules[position].Applies(subject))
            {
                return position;
            }
        }

        return below;
    }

    /// <summary>Where rules stand by what they ask for in one field.</summary>
    private sealed class ValueIndex
    {
        private readonly Dictionary<string, int[]> _whole;

        public ValueIndex(Func<PolicySubject, Known> read, IReadOnlyList<(PatternCondition Condition, int Position)> rules)
        {
            var patterns = rules.SelectMany(rule => rule.Condition.Patterns.Select(pattern => (Pattern: pattern, rule.Position))).ToLookup(one => one.Pattern.IsWhole);
            Read = read;
            All = [.. rules.Select(rule => rule.Position).Order()];
            _whole = ByBeginning(patterns[true]);
            Beginnings = [.. patterns[false].GroupBy(one => one.Pattern.Beginning.Length).Select(group => (group.Key, ByBeginning(group).GetAlternateLookup<ReadOnlySpan<char>>()))];
        }

        public Func<PolicySubject, Known> Read { get; }

        public int[] All { get; }

        /// <summary>By how long they are.</summary>
        public (int Length, Dictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> Positions)[] Beginnings { get; }

        public int[] Of(string value) => _whole.GetValueOrDefault(value) ?? [];

        private static Dictionary<string, int[]> ByBeginning(IEnumerable<(Pattern Pattern, int Position)> patterns) => patterns
            .GroupBy(one => one.Pattern.Beginning, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.Select(one => one.Position).Distinct().Order().ToArray(), StringComparer.OrdinalIgnoreCase);
    }
}
