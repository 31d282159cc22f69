namespace ModelGarden.Search.Engines.Embedded.Terms;

/// <summary>What a term is of: the first byte of its key, so that the terms of one kind stand together. The numbers are stored.</summary>
internal enum TermSpace : byte
{
    /// <summary>A word of any text; its postings have weights.</summary>
    Word = 1,

    /// <summary>A word of a name without its owner; its postings weigh <see cref="TermKey.InNameAlone"/> or <see cref="TermKey.ElsewhereToo"/>.</summary>
    NameWord = 2,

    /// <summary>A name without its owner, in small letters.</summary>
    ShortName = 3,

    /// <summary>A whole name in small letters, and its id.</summary>
    FullName = 4,

    /// <summary>A kind of repositories, as its number.</summary>
    Kind = 5,

    /// <summary>Taken down; one term, with no text.</summary>
    TakenDown = 6,

    /// <summary>Made of another publisher's model; one term, with no text.</summary>
    Derived = 7,

    /// <summary>A value of the first field; the others follow, in the order of <see cref="Queries.Field"/>.</summary>
    Values = 16,
}
