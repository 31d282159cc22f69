using System.Text.Json.Nodes;

namespace ModelGarden.Formats.Cards;

/// <summary>One metric of one evaluation out of a card's <c>model-index</c>, flattened.</summary>
public sealed record EvaluationResult
{
    /// <summary>The name of the model that was evaluated.</summary>
    public string? Model { get; init; }

    public required string TaskType { get; init; }

    public string? TaskName { get; init; }

    public required string DatasetType { get; init; }

    public required string DatasetName { get; init; }

    public string? DatasetConfig { get; init; }

    public string? DatasetSplit { get; init; }

    public string? DatasetRevision { get; init; }

    public required string MetricType { get; init; }

    public string? MetricName { get; init; }

    public string? MetricConfig { get; init; }

    /// <summary>Mostly a number; some metrics are text or a structure.</summary>
    public JsonNode? Value { get; init; }

    public bool Verified { get; init; }

    public string? SourceName { get; init; }

    public string? SourceUrl { get; init; }
}
