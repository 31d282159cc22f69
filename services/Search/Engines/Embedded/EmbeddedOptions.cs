using ModelGarden.Search.Engines.Embedded.Files;

namespace ModelGarden.Search.Engines.Embedded;

/// <summary>When what is in memory goes to the disk, and to which.</summary>
internal sealed record EmbeddedOptions
{
    /// <summary>After so many changes: what a restart has to read again from the log is no more, or little.</summary>
    public int CheckpointChanges { get; init; } = 16_384;

    /// <summary>When changed repositories that are not on the disk take about so many bytes.</summary>
    public long CheckpointBytes { get; init; } = 128L << 20;

    /// <summary>From so many bytes on changes wait for the disk.</summary>
    public long MostUnwritten { get; init; } = 256L << 20;

    /// <summary>What a query may cost, in <see cref="Matching.Work"/>'s steps.</summary>
    public long MostSteps { get; init; } = 100_000_000;

    public IndexDisk Disk { get; init; } = new();

    /// <summary>By which a checkpoint that failed is tried again.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>While the index grows for the first time, changes alone are no reason: there is no log to keep short.</summary>
    public bool IsDue(bool isWhole, int changes, long unwritten) => (isWhole && changes >= CheckpointChanges) || unwritten >= CheckpointBytes;
}
