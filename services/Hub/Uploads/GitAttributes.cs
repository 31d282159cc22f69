namespace ModelGarden.Hub.Uploads;

/// <summary>The rules of a <c>.gitattributes</c> that say which files are large ones.</summary>
internal sealed class GitAttributes
{
    public const string FileName = ".gitattributes";

    /// <summary>What a new repository begins with, and what holds where there is no such file: formats of weights and archives.</summary>
    public static readonly string Usual = string.Concat(
        new[]
        {
            "7z", "arrow", "bin", "bz2", "ckpt", "ftz", "gguf", "gz", "h5", "joblib", "lfs.*", "mlmodel", "model", "msgpack", "npy", "npz", "onnx", "ot",
            "parquet", "pb", "pickle", "pkl", "pt", "pth", "rar", "safetensors", "tar", "tar.*", "tflite", "tgz", "wasm", "xz", "zip", "zst",
        }.Select(ending => Line($"*.{ending}")).Append(Line("saved_model/**/*")).Append(Line("*tfevents*")));

    private const int MaximumRules = 1000;
    private readonly List<(GitPattern Pattern, bool IsLarge)> _rules = [];

    /// <summary>Lines that say nothing about large files are passed over.</summary>
    public static GitAttributes Parse(string text)
    {
        var attributes = new GitAttributes();
        foreach (var line in text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] is not '#').Take(MaximumRules))
        {
            var (pattern, rest) = SplitPattern(line);
            if (VerdictOf(rest) is { } isLarge && pattern.Length > 0 && pattern[^1] is not '/')
            {
                attributes._rules.Add((GitPattern.Parse(pattern), isLarge));
            }
        }

        return attributes;
    }

    /// <summary>Null: no rule names the file. The last rule that does decides.</summary>
    public bool? IsLarge(string path)
    {
        for (var i = _rules.Count - 1; i >= 0; i--)
        {
            if (_rules[i].Pattern.Matches(path))
            {
                return _rules[i].IsLarge;
            }
        }

        return null;
    }

    private static string Line(string pattern) => $"{pattern} filter=lfs diff=lfs merge=lfs -text\n";

    private static (string Pattern, string Attributes) SplitPattern(string line)
    {
        if (line[0] is '"' && line.IndexOf('"', 1) is var quote and > 0)
        {
            return (line[1..quote], line[(quote + 1)..]);
        }

        var space = line.AsSpan().IndexOfAny(' ', '\t');
        return space < 0 ? (line, "") : (line[..space], line[space..]);
    }

    private static bool? VerdictOf(string attributes)
    {
        bool? verdict = null;
        foreach (var attribute in attributes.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            verdict = attribute switch
            {
                "filter=lfs" => true,
                "-filter" or "!filter" => false,
                _ when attribute.StartsWith("filter=", StringComparison.Ordinal) => false,
                _ => verdict,
            };
        }

        return verdict;
    }
}
