namespace ModelGarden.Artifacts.Collection;

/// <summary>An object in the store that nothing names any more.</summary>
internal sealed class GarbageObject
{
    public required string Object { get; init; }

    public required DateTimeOffset Since { get; init; }
}
