namespace ModelGarden.Search.Queries;

/// <summary>What of a query may cost too much.</summary>
internal enum QueryPart
{
    /// <summary>Words as they stand and their other forms.</summary>
    Words,

    /// <summary>The last word as a beginning.</summary>
    Beginning,

    /// <summary>A word that may be spelt otherwise.</summary>
    Near,

    Phrase,

    /// <summary>Values that are asked for or left out.</summary>
    Filter,

    Facet,

    Order,

    /// <summary>Derivatives under their bases.</summary>
    Fold,
}
