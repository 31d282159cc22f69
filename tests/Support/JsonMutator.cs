using System.Text.Json.Nodes;

namespace ModelGarden.Testing;

/// <summary>Puts odd values where a JSON text has others, so that it can still be read and what lies behind the reader is met: the same seed changes it the same way.</summary>
public sealed class JsonMutator(int seed)
{
    private readonly Random _random = new(seed);

    private static readonly string[] Odd =
    [
        "null", "true", "0", "-1", "1.5", "1e400", "9223372036854775807", "18446744073709551616", "\"\"", "\" \"", "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"\\u202e\"", "\"../..\"", "\"/\"", "\"%2F\"", "\"'--\"", "\"\\r\\nx: y\"",
        "[]", "{}", "[[]]", "{\"a\":{\"b\":[1]}}", "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.999999999Z\"", "\"2026-02-30T00:00:00Z\"", "\"-1\"", "\"main\"", "\"HEAD\"", "\"refs/pr/1\"", "\"garden/fuzzed\"",
        "\"http://[::1]:99999/\"", "\"javascript:alert(1)\"", $"\"{new string('a', 5000)}\"", $"\"{string.Concat(Enumerable.Repeat("é", 3000))}\"", $"[{string.Join(',', Enumerable.Repeat("\"a\"", 2000))}]",
    ];

    /// <summary>The text with up to three changes, at times a name that it has twice; about one of eight as it is.</summary>
    public string Mutate(string text)
    {
        // What a value is replaced by may be no .NET string (a lone surrogate), so it is put in as text where a mark stands.
        var (root, marks) = (JsonNode.Parse(text)!.AsObject(), new List<string>());
        for (var count = _random.Next(8) is 0 ? 0 : _random.Next(1, 4); count > 0; count--)
        {
            Change(root, marks);
        }

        var changed = marks.Select((odd, n) => (odd, n)).Aggregate(root.ToJsonString(), (json, mark) => json.Replace($"\"{Mark(mark.n)}\"", mark.odd, StringComparison.Ordinal));
        return _random.Next(16) is 0 && root.Count > 0 ? changed.Insert(1, $"\"{root.First().Key}\":1,") : changed;
    }

    private static string Mark(int n) => $"mark-{n}-";

    private void Change(JsonObject within, List<string> marks)
    {
        var name = within.Select(pair => pair.Key).ElementAtOrDefault(_random.Next(within.Count + 1)) ?? "unheardOf";
        if (within[name] is JsonObject below && _random.Next(2) is 0)
        {
            Change(below, marks);
        }
        else if (_random.Next(6) is 0)
        {
            within.Remove(name);
        }
        else
        {
            within[name] = Mark(marks.Count);
            marks.Add(Odd[_random.Next(Odd.Length)]);
        }
    }
}
