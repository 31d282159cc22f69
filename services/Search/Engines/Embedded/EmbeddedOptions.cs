using ModelGarden.Search.Engines.Embedded.Segments;

namespace ModelGarden.Search.Engines.Embedded;

/// <summary>When what is in memory goes to the disk.</summary>
internal sealed record EmbeddedOptions
{
    /// <summary>After so many changes: what a restart has to read again from the log is no more, or little.</summary>
    public int CheckpointChanges { get; init; } = 16_384;

    /// <summary>When changed repositories not yet searched take about so many bytes.</summary>
    public long CheckpointBytes { get; init; } = 128L << 20;

    /// <summary>While the index grows for the first time, changes alone are no reason: there is no log to keep short.</summary>
    public bool IsDue(bool isWhole, int changes, SegmentBuilder builder) => (isWhole && changes >= CheckpointChanges) || builder.Size >= CheckpointBytes || !builder.HasRoom;
}
