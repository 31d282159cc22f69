using ModelGarden.Contracts.V1;

namespace ModelGarden.Rights.Decisions;

/// <summary>How an account stands to a gated repository that it, or somebody for it, has asked about.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Until">When granted access ends; null: when it is taken back.</param>
/// <param name="RejectionReason">Why it was rejected, where that was said and is known here; else empty.</param>
public sealed record AccessFact(AccessStatus Status, DateTimeOffset? Until, string RejectionReason = "")
{
    /// <summary>Accepted, and not over.</summary>
    public bool Grants(DateTimeOffset now) => Status is AccessStatus.Accepted && (Until is null || Until > now);

    /// <summary>Why, where that was said.</summary>
    public string Because => RejectionReason.Length > 0 ? $": {RejectionReason}" : "";
}
