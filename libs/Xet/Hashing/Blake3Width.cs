namespace ModelGarden.Xet;

/// <summary>How many blocks are compressed side by side, at most. The answers are the same, whatever the width.</summary>
internal enum Blake3Width
{
    Plain = 1,
    Lanes4 = 4,
    Lanes8 = 8,
    Lanes16 = 16,
}
