namespace ModelGarden.EndToEnd.Tests.Tenancy;

/// <summary>How one HTTP route is tried.</summary>
/// <param name="Service">Who answers it.</param>
/// <param name="Verbs">With spaces between, as the service has them; <c>*</c>: any.</param>
/// <param name="Pattern">As the service has it.</param>
/// <param name="Expected">The status that another tenant's admin is answered, whether the things are there or not.</param>
internal sealed record RouteAttempt(string Service, string Verbs, string Pattern, string Expected)
{
    /// <summary>The kinds of repository as the API and as pages write them, each with one of alpha's.</summary>
    private static readonly (string Api, string Prefix, string Repository)[] Kinds = [("models", "", "{model}"), ("datasets", "datasets/", "{dataset}"), ("spaces", "spaces/", "{app}")];

    /// <summary>What stands for a pattern's parts where an attempt says nothing else.</summary>
    private static readonly (string Part, string Name)[] Usual =
    [
        ("{rev}", "main"), ("{*rev}", "{branch}"), ("{*branch}", "{branch}"), ("{*path}", "{file}"), ("{path}", "{file}"), ("{space}", "heads"), ("{ref}", "main"), ("{*compare}", "main"), ("{num}", "1"), ("{status}", "pending"),
        ("{user}", "{account}"), ("{org}", "{secretTenant}"), ("{**rest}", "{file}"), ("{**id}", "{endpoint}"), ("{hash}", "{xet}"), ("{prefix}", "default"), ("{rights}", "{word}"), ("{start}", "0"), ("{range}", "0-9"), ("{number}", "1"),
        ("{owner}/{slug}", "{collection}"),
    ];

    /// <summary>What is sent, with names of alpha's things; empty: nothing.</summary>
    public string Body { get; init; } = "";

    /// <summary>What the body is.</summary>
    public string Type { get; init; } = "application/json";

    public string Query { get; init; } = "";

    /// <summary>In place of the pattern.</summary>
    public string Target { get; init; } = "";

    /// <summary>Why it may tell that something is there; empty: it may not.</summary>
    public string Shown { get; init; } = "";

    public string Name => $"{Service} {Verbs} {Pattern}";

    /// <summary>Everything to be sent: each verb, and each kind of repository where the pattern has all of them.</summary>
    public IEnumerable<(string Verb, string Target)> Requests =>
        from verb in Verbs is "*" ? ["GET", "POST"] : Verbs.Split(' ')
        from kind in Pattern.Contains("{kind}", StringComparison.Ordinal) || Pattern.StartsWith("/{prefix}/", StringComparison.Ordinal) ? Kinds : Kinds[..1]
        select (verb, TargetFor(kind) + Query);

    private string TargetFor((string Api, string Prefix, string Repository) kind)
    {
        var target = (Target.Length > 0 ? Target : Pattern).Replace("/{prefix}/{ns}", $"/{kind.Prefix}{{ns}}", StringComparison.Ordinal).Replace("/{prefix}/{name}", $"/{kind.Prefix}{{name}}", StringComparison.Ordinal)
            .Replace("{kind}", kind.Api, StringComparison.Ordinal).Replace("{ns}/{name}", kind.Repository, StringComparison.Ordinal).Replace("{name}", "{short}", StringComparison.Ordinal);
        return Usual.Aggregate(target, (filled, part) => filled.Replace(part.Part, part.Name, StringComparison.Ordinal));
    }
}
