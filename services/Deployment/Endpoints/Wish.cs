using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Deployment.Endpoints;

/// <summary>What somebody asked for, and what it was pinned to when he did.</summary>
internal sealed record Wish
{
    public required string Repository { get; init; }

    /// <summary>As it was written, so that the same request again is known as the same wish after a branch has moved.</summary>
    public string RequestedRevision { get; init; } = "";

    public string RequestedFile { get; init; } = "";

    public required Target Target { get; init; }

    public required Scaling Scaling { get; init; }
}

/// <summary>What a replica runs: one revision's file on one engine. Replicas of equal targets are interchangeable.</summary>
internal sealed record Target
{
    /// <summary>The commit.</summary>
    public required string Revision { get; init; }

    /// <summary>The file that the engine loads: the first of <see cref="Files"/>.</summary>
    public required string File { get; init; }

    /// <summary>All that must lie beside each other to load it.</summary>
    public required IReadOnlyList<TargetFile> Files { get; init; }

    /// <summary>The engine's id.</summary>
    public required string Runtime { get; init; }

    public required string Protocol { get; init; }

    /// <summary>In bytes, for one replica.</summary>
    public long MemoryEstimate { get; init; }

    /// <summary>The model turns text into vectors: engines that need telling are told.</summary>
    public bool Embedding { get; init; }

    public IReadOnlyList<string> Licenses { get; init; } = [];

    /// <summary>Empty where it was pinned before this was kept; the gate was not known then either.</summary>
    // What an old store does not say is read as null, whatever the type says.
    public string RepositoryId { get; init => field = value ?? ""; } = "";

    /// <summary>The repository's, when this was pinned.</summary>
    public AccessGate Gate { get; init; } = AccessGate.None;

    /// <summary>The account whose access to a gated repository this rests on.</summary>
    public string PinnedBy { get; init => field = value ?? ""; } = "";

    /// <summary><see cref="ModelFacts"/> of the revision, in protobuf's own form; empty where it was pinned before this was kept.</summary>
    public byte[] Facts { get; init => field = value ?? []; } = [];

    public string Key => $"{Revision}/{File}/{Runtime}";

    /// <summary>For people.</summary>
    public string Label => $"{Path.GetFileName(File)} at {Revision[..Math.Min(8, Revision.Length)]}";
}

internal sealed record TargetFile(string Path, string Sha256, long Size);

/// <summary>How many replicas, and when none.</summary>
internal sealed record Scaling(int Minimum, int Maximum, long IdleMilliseconds)
{
    public static readonly Scaling Default = new(0, 1, (long)TimeSpan.FromMinutes(15).TotalMilliseconds);
    private const int Most = 16;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    public TimeSpan IdleTimeout => TimeSpan.FromMilliseconds(IdleMilliseconds);

    /// <summary>Absent parts get their defaults.</summary>
    public static Result<Scaling> From(Contracts.V1.Scaling? scaling)
    {
        if (scaling is null)
        {
            return Default;
        }

        var maximum = scaling.MaximumReplicas is 0 ? Math.Max(1, scaling.MinimumReplicas) : scaling.MaximumReplicas;
        if (maximum is < 1 or > Most || scaling.MinimumReplicas < 0 || scaling.MinimumReplicas > maximum)
        {
            return Error.Invalid("BAD_SCALING", $"minimum_replicas {scaling.MinimumReplicas} and maximum_replicas {scaling.MaximumReplicas} do not fit: 0 <= minimum <= maximum <= {Most} is expected");
        }

        return IdleTime(scaling) is { } idle && idle >= Shortest && idle <= Longest
            ? new Scaling(scaling.MinimumReplicas, maximum, (long)idle.TotalMilliseconds)
            : Error.Invalid("BAD_SCALING", "idle_timeout is out of range: 1 second to 30 days is expected");
    }

    private static TimeSpan? IdleTime(Contracts.V1.Scaling scaling) => scaling.IdleTimeout switch
    {
        null => Default.IdleTimeout,
        { Seconds: < 0 or > 2_592_000 } or { Nanos: < 0 or > 999_999_999 } => null,
        var given => TimeSpan.FromSeconds(given.Seconds) + TimeSpan.FromTicks(given.Nanos / 100),
    };
}
