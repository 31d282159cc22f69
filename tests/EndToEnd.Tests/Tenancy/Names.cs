namespace ModelGarden.EndToEnd.Tests.Tenancy;

/// <summary>The names of alpha's things, as attempts write them: <c>{model}</c>. Beside each one of the same form that nothing has.</summary>
internal sealed class Names
{
    /// <summary>In every text of alpha's that is nobody else's business: where it turns up in an answer, something has leaked.</summary>
    public const string Canary = "magpie";

    // As long, so that answers of the same length stay so.
    private const string Nobody = "parrot";

    // A shorter one turns up by accident.
    private const int Telling = 9;

    private readonly SortedDictionary<string, (string There, string Nowhere)> _names = new(StringComparer.Ordinal);

    /// <param name="name">As attempts write it, without its braces.</param>
    /// <param name="there">Of a thing of alpha's.</param>
    /// <param name="nowhere">Of nothing; null: made of the other.</param>
    public void Add(string name, string there, string? nowhere = null) => _names.Add(name, (there, nowhere ?? Other(there)));

    /// <summary>What attempts write in the same way and everybody may know.</summary>
    public void AddKnown(string name, string value) => _names.Add(name, (value, value));

    public string this[string name] => _names[name].There;

    /// <summary>The text names something that may be there or not.</summary>
    public bool IsIn(string text) => _names.Any(name => name.Value.There != name.Value.Nowhere && text.Contains($"{{{name.Key}}}", StringComparison.Ordinal));

    public string Fill(string text, bool isThere) =>
        _names.Aggregate(text, (filled, name) => filled.Replace($"{{{name.Key}}}", isThere ? name.Value.There : name.Value.Nowhere, StringComparison.Ordinal));

    /// <summary>An answer with the names in it that its attempt has told taken out again, whichever they were.</summary>
    public string Mask(string answer, string attempt) => Told(attempt)
        .SelectMany(name => new[] { (Value: name.Value.There, name.Key), (Value: name.Value.Nowhere, name.Key) }).OrderByDescending(one => one.Value.Length)
        .Aggregate(answer, (masked, one) => masked.Replace(one.Value, $"{{{one.Key}}}", StringComparison.OrdinalIgnoreCase));

    /// <summary>What a masked answer has of alpha's that its attempt did not say.</summary>
    public string? LeakIn(string masked, string attempt)
    {
        var told = Told(attempt).Select(name => name.Key).ToHashSet();
        return _names.Where(name => !told.Contains(name.Key) && name.Value.There != name.Value.Nowhere && name.Value.There.Length >= Telling)
            .Select(name => name.Value.There).Append(Canary)
            .FirstOrDefault(secret => masked.Contains(secret, StringComparison.OrdinalIgnoreCase));
    }

    private IEnumerable<KeyValuePair<string, (string There, string Nowhere)>> Told(string attempt) => _names.Where(name => attempt.Contains($"{{{name.Key}}}", StringComparison.Ordinal));

    /// <summary>Of the same form: another word, or another end of an id.</summary>
    private static string Other(string there) => there.Contains(Canary, StringComparison.Ordinal)
        ? there.Replace(Canary, Nobody, StringComparison.Ordinal)
        : there[..^Telling] + string.Concat(there[^Telling..].Select(Turn));

    private static char Turn(char c) => c switch
    {
        >= '0' and <= '9' => (char)('0' + '9' - c),
        >= 'a' and <= 'f' => (char)('a' + 'f' - c),
        >= 'g' and <= 'z' => (char)('g' + 'z' - c),
        >= 'A' and <= 'Z' => (char)('A' + 'Z' - c),
        _ => c,
    };
}
