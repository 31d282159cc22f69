namespace ModelGarden.Identity.SignIn;

/// <summary>Wrong tries in a row.</summary>
internal sealed class TryRow
{
    /// <summary>The SHA-256 of what is tried.</summary>
    public required string What { get; init; }

    public required int Failures { get; init; }

    public required DateTimeOffset LastAt { get; init; }
}
