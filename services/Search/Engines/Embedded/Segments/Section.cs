using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Segments;

/// <summary>The sections of a segment. The numbers are stored.</summary>
internal static class Section
{
    /// <summary>What <see cref="Segment"/> is; raised whenever a section or what stands in it, the words of a text included, changes its meaning.</summary>
    public const uint Version = 3;

    /// <summary>How many rows there are, how many terms, and where the terms of each <see cref="Terms.TermSpace"/> begin, and how many places <see cref="Stems"/> has.</summary>
    public const int Counts = 1;

    /// <summary>What hits show: of each row the <c>Repository</c> as its audience sees it, in the order of rows, as <see cref="StoredRepository"/> writes it.</summary>
    public const int Stored = 2;

    /// <summary>Where in <see cref="Stored"/> each row begins, and the end.</summary>
    public const int StoredStarts = 3;

    public const int Postings = 4;
    public const int TermTexts = 5;
    public const int TermBlocks = 6;

    /// <summary>Of each term how many rows have it and where its postings are.</summary>
    public const int Terms = 7;

    /// <summary>The rows that insiders see.</summary>
    public const int Inside = 8;

    /// <summary>The rows that all others see.</summary>
    public const int Outside = 9;

    /// <summary>Slots by the checksum of an id: 0, or a row and 1.</summary>
    public const int Ids = 10;

    /// <summary>Of each row the place of its name and id among all names.</summary>
    public const int NameRanks = 11;

    public const int ShortNameRows = 12;
    public const int FullNameRows = 13;
    public const int ParameterValues = 14;
    public const int ParameterSlices = 15;

    /// <summary>Places of words among all words, in the order of their stems: of each stem that is of more than one word, or of another word than itself.</summary>
    public const int Stems = 16;

    /// <summary>The first of those that hold the numbers by which rows are sorted.</summary>
    public static int NumberValues(SortOrder sort) => 32 + (int)sort;

    public static int NumberPlaces(SortOrder sort) => 48 + (int)sort;

    /// <summary>All rows in the order of a sort.</summary>
    public static int Order(SortOrder sort) => 64 + (int)sort;

    public static int ValueStarts(Field field) => 96 + (int)field;

    public static int ValuePlaces(Field field) => 128 + (int)field;
}
