using ModelGarden.Contracts.V1;

namespace ModelGarden.Deployment.Planner;

/// <summary>One file of a revision with what is known of its bytes. Without a digest it lies in the catalog itself, unexamined.</summary>
internal sealed record ModelFile(string Path, long Size, string Sha256, StoredFile? Stored)
{
    public FileFacts Facts => Stored?.Facts ?? new FileFacts();

    /// <summary>What the bytes say, else what the name says.</summary>
    public string Format => Facts.Format is { Length: > 0 } format ? format : System.IO.Path.GetExtension(Path).TrimStart('.').ToLowerInvariant();
}

/// <summary>An engine and whether it can be started here.</summary>
/// <param name="Engine">Which.</param>
/// <param name="Missing">What it lacks, for people; null: nothing.</param>
internal sealed record EngineOffer(Engines.Engine Engine, string? Missing);

/// <summary>What the planner goes by.</summary>
/// <param name="Files">All files of the revision.</param>
/// <param name="WishedFile">Only this one; empty: the planner's choice.</param>
/// <param name="Engines">In the order of preference.</param>
/// <param name="Memory">That this machine has for replicas, in bytes.</param>
internal sealed record PlanRequest(IReadOnlyList<ModelFile> Files, string WishedFile, IReadOnlyList<EngineOffer> Engines, long Memory)
{
    /// <summary>What the model is for, as its card says; empty: it does not.</summary>
    public string Task { get; init; } = "";

    /// <summary>Of the memory, what other endpoints never give back.</summary>
    public long Kept { get; init; }

    /// <summary>How many replicas there will be at least.</summary>
    public int Replicas { get; init; } = 1;

    public long FreeMemory => Math.Max(0, Memory - Kept);
}

/// <summary>A file that could be served, on which engine, at which price.</summary>
internal sealed record Candidate(ModelFile File, IReadOnlyList<ModelFile> Needed, Engines.Engine Engine, long MemoryEstimate, bool Embedding);

/// <summary>A file that could not, and why.</summary>
internal sealed record Refusal(string Path, string Why)
{
    public override string ToString() => $"{Path}: {Why}";
}

/// <summary>The planner's choice, with all that it was chosen from, best first.</summary>
internal sealed record Plan(Candidate Choice, IReadOnlyList<Candidate> Ranking, IReadOnlyList<Refusal> Refusals);
