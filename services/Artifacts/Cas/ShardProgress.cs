using System.Text.Json.Serialization;

namespace ModelGarden.Artifacts.Cas;

/// <summary>A line of version 2's answer to a shard (xet.md 5.3).</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Validating), "validating")]
[JsonDerivedType(typeof(Committing), "committing")]
[JsonDerivedType(typeof(Done), "result")]
[JsonDerivedType(typeof(Failed), "error")]
internal abstract record ShardProgress
{
    /// <param name="Verified">Files.</param>
    /// <param name="Total">Files.</param>
    public sealed record Validating(int Verified, int Total) : ShardProgress;

    /// <param name="Stage">"uploading" or "syncing".</param>
    public sealed record Committing(string Stage) : ShardProgress;

    /// <param name="Result">0: known before; 1: registered.</param>
    public sealed record Done(int Result) : ShardProgress;

    /// <param name="Message">In the error's words.</param>
    /// <param name="Retryable">The same shard may succeed later.</param>
    public sealed record Failed(string Message, bool Retryable) : ShardProgress;
}
