using System.Text.Json.Nodes;

namespace ModelGarden.Formats.Cards;

/// <summary>Parts front matter from body and makes a <see cref="ModelCard"/> of both.</summary>
internal static class CardReader
{
    public static ModelCard Read(string text)
    {
        if (text.Length > ModelCard.MaximumLength)
        {
            return new() { Issues = [new(CardSeverity.Error, 1, 1, "", $"the card is longer than {ModelCard.MaximumLength} characters")] };
        }

        var issues = new List<CardIssue>();
        var (yaml, firstLine, body) = Split(text.TrimStart('\uFEFF'), issues);
        var map = yaml is null ? null : CardYaml.Parse(yaml, firstLine, issues);
        var card = new ModelCard { Body = body, Summary = MarkdownSummary.Of(body) };
        if (map is not null)
        {
            card = Fill(card, map, new(map, "", issues));
        }

        return card with { Issues = issues };
    }

    private static (string? Yaml, int FirstLine, string Body) Split(string text, List<CardIssue> issues)
    {
        var start = text.AsSpan().IndexOfAnyExcept(" \t\r\n");
        var lines = start < 0 ? 0 : text.AsSpan(0, start).Count('\n');
        if (start < 0 || !IsFence(text, start, out var yamlStart))
        {
            return (null, 1, text);
        }

        for (var at = yamlStart; at < text.Length; at = NextLine(text, at))
        {
            if (IsFence(text, at, out var bodyStart))
            {
                return (text[yamlStart..at], lines + 2, text[bodyStart..]);
            }
        }

        issues.Add(new(CardSeverity.Error, lines + 1, 1, "", "the front matter has no end: a line with '---' alone is expected behind it"));
        return (null, 1, text);
    }

    // A line of three dashes, with nothing but blanks behind them.
    private static bool IsFence(string text, int at, out int next)
    {
        next = NextLine(text, at);
        return text.AsSpan(at, next - at).TrimEnd() is "---";
    }

    private static int NextLine(string text, int at)
    {
        var newline = text.IndexOf('\n', at);
        return newline < 0 ? text.Length : newline + 1;
    }

    private static ModelCard Fill(ModelCard card, CardMap map, CardFields fields)
    {
        card = card with
        {
            Metadata = (JsonObject)map.ToJson(),
            Licenses = fields.Texts("license"),
            LicenseName = fields.Text("license_name"),
            LicenseLink = fields.Text("license_link"),
            Languages = fields.Texts("language") is { Count: > 0 } languages ? languages : fields.Texts("languages"),
            Tags = fields.Texts("tags"),
            PipelineTag = fields.Text("pipeline_tag"),
            TaskCategories = fields.Texts("task_categories"),
            SizeCategories = fields.Texts("size_categories"),
            LibraryName = fields.Text("library_name"),
            ModelName = fields.Text("model_name"),
            BaseModels = fields.Texts("base_model"),
            BaseModelRelation = fields.Text("base_model_relation"),
            Datasets = fields.Texts("datasets"),
            Metrics = fields.Texts("metrics"),
            NewVersion = fields.Text("new_version"),
            Thumbnail = fields.Text("thumbnail"),
            Inference = fields.Json("inference"),
            Widget = fields.Json("widget"),
            AccessForm = AccessFormReader.Read(fields),
            Evaluations = EvaluationReader.Read(fields),
        };
        CardRules.Check(card, fields);
        return card;
    }
}
