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

    /// <summary>What the bytes should be: see <see cref="SecondReading"/>.</summary>
    public ShouldBe ShouldBe { get; init; }

    public bool IsSecondReading => ShouldBe != ShouldBe.Pickle;

    /// <summary>The machine that waits meanwhile, when its loader and another disagree on what comes next: its stack and memo are those of the other too.</summary>
    public PickleMachine? Before { get; init; }
}

/// <summary>What bytes that are read as a pickle should be: it decides what in them can be by accident.</summary>
internal enum ShouldBe
{
    Pickle,

    /// <summary>Numbers: they name no modules by accident.</summary>
    Bytes,

    /// <summary>Text, or names: they name modules by accident, but none that does harm, and call none.</summary>
    Text,
}
