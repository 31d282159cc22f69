namespace ModelGarden.Artifacts.Chunks;

/// <summary>A xorb's id and a chunk's number in one column.</summary>
internal static class Place
{
    public const int ChunksInAXorb = 8192;

    public static long Of(long xorb, int number) => (xorb * ChunksInAXorb) + number;

    public static long XorbOf(long place) => place / ChunksInAXorb;

    public static int NumberOf(long place) => (int)(place % ChunksInAXorb);
}
