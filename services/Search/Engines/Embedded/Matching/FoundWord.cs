using ModelGarden.Search.Engines.Embedded.Columns;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>What a segment knows of a word of the query.</summary>
/// <param name="Term">Its own; -1: it has none here.</param>
/// <param name="Known">How many of the rows that all may see have it, in whatever form.</param>
/// <param name="IsLoose">It is found in other forms too.</param>
/// <param name="LooseNames">The rows whose names have one of these; null: in names they count for no more than elsewhere.</param>
internal readonly record struct FoundWord(int Term, int Known, bool IsLoose, ulong[]? LooseNames)
{
    /// <summary>The most that another form of it weighs.</summary>
    public double MostLoose => !IsLoose ? 0 : LooseNames is null ? Relevance.LooseWeight : Relevance.LooseNameWeight;

    /// <summary>What it weighs at least in a row that has it in whatever form.</summary>
    public double LooseIn(int row) => !IsLoose ? 0 : LooseNames is not null && Bits.Has(LooseNames, row) ? Relevance.LooseNameWeight : Relevance.LooseWeight;
}
