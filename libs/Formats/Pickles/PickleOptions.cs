using ModelGarden.Formats.Torch;

namespace ModelGarden.Formats.Pickles;

/// <summary>Where a pickle stands: what it may ask its loader for, and the bounds it shares with the rest of the file.</summary>
internal sealed record PickleOptions(Walk Walk)
{
    public const int MaximumDepth = 8;

    /// <summary>Reads persistent ids; nothing where a pickle has no business to have any.</summary>
    public StorageIds? Storages { get; init; }

    public PickleTensors? Tensors { get; init; }

    public int Depth { get; init; }

    public long MaximumOpcodes { get; init; } = 1_000_000_000;

    /// <summary>The bytes should be something else: see <see cref="SecondReading"/>.</summary>
    public bool IsSecondReading { get; init; }
}
