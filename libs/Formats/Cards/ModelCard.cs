using System.Text.Json.Nodes;

namespace ModelGarden.Formats.Cards;

/// <summary>
/// A model card: Markdown with YAML front matter, as the Hub specifies it (<see href="https://github.com/huggingface/hub-docs/blob/main/modelcard.md"/>).
/// What an author declares; nothing of it is proven.
/// </summary>
public sealed record ModelCard
{
    /// <summary>The longest card that is read, in characters.</summary>
    public const int MaximumLength = 1024 * 1024;

    /// <summary>Everything wrong in the card, in the order found.</summary>
    public IReadOnlyList<CardIssue> Issues { get; init; } = [];

    /// <summary>The whole front matter, with the fields that no property below knows.</summary>
    public JsonObject Metadata { get; init; } = [];

    /// <summary>The first of <see cref="Licenses"/>.</summary>
    public string? License => Licenses is [var first, ..] ? first : null;

    public IReadOnlyList<string> Licenses { get; init; } = [];

    /// <summary>The name of a licence that is <c>other</c>.</summary>
    public string? LicenseName { get; init; }

    public string? LicenseLink { get; init; }

    public IReadOnlyList<string> Languages { get; init; } = [];

    public IReadOnlyList<string> Tags { get; init; } = [];

    public string? PipelineTag { get; init; }

    /// <summary>What a data set is for: to it what <see cref="PipelineTag"/> is to a model.</summary>
    public IReadOnlyList<string> TaskCategories { get; init; } = [];

    /// <summary>How many rows a data set has, such as <c>10K&lt;n&lt;100K</c>.</summary>
    public IReadOnlyList<string> SizeCategories { get; init; } = [];

    public string? LibraryName { get; init; }

    public string? ModelName { get; init; }

    public IReadOnlyList<string> BaseModels { get; init; } = [];

    /// <summary><c>adapter</c>, <c>merge</c>, <c>quantized</c> or <c>finetune</c>, if the author says.</summary>
    public string? BaseModelRelation { get; init; }

    public IReadOnlyList<string> Datasets { get; init; } = [];

    public IReadOnlyList<string> Metrics { get; init; } = [];

    /// <summary>The repository that replaces this one.</summary>
    public string? NewVersion { get; init; }

    public IReadOnlyList<EvaluationResult> Evaluations { get; init; } = [];

    /// <summary>What <c>extra_gated_…</c> asks for; nothing when the card has none of them.</summary>
    public AccessForm? AccessForm { get; init; }

    public string? Thumbnail { get; init; }

    /// <summary>A truth value or a mapping with parameters.</summary>
    public JsonNode? Inference { get; init; }

    public JsonNode? Widget { get; init; }

    /// <summary>The Markdown behind the front matter.</summary>
    public string Body { get; init; } = "";

    /// <summary>The first paragraph of the body as plain text, at most a few hundred characters.</summary>
    public string Summary { get; init; } = "";

    public bool HasErrors => Issues.Any(issue => issue.Severity == CardSeverity.Error);

    /// <summary>Reads a card. Never throws on what the text holds: what cannot be used is missing and has an issue.</summary>
    public static ModelCard Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return CardReader.Read(text);
    }
}
