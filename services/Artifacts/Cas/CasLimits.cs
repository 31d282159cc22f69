using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>How much a body may have and how long it may take to come.</summary>
internal sealed record BodyLimit(string What, long Bytes, TimeSpan Time);

/// <summary>What bounds a request of the Xet protocol.</summary>
internal static class CasLimits
{
    /// <summary>Files of a shard: clients send some hundreds at once.</summary>
    public const int FilesOfAShard = 10_000;

    /// <summary>Chunks that the files of a shard refer to, each time counted: 500 GB of the shortest that are usual.</summary>
    public const long ChunksOfAShard = 1L << 26;

    /// <summary>Files that are asked for in one request.</summary>
    public const int FilesOfABatch = 1000;

    /// <summary>Terms of one answer, of all files that were asked for: some 700 bytes each, and of files with usual chunks 32 MiB.</summary>
    public const int TermsOfAnAnswer = 25_000;

    // 92 bytes and 40 a chunk, as long as footers are (xet.md 3.4).
    private const int LongestFooter = 96 + (40 * XetLimits.XorbChunks);

    public static readonly BodyLimit Xorb = new("xorb", XetLimits.XorbRead + LongestFooter, TimeSpan.FromMinutes(30));

    public static readonly BodyLimit Shard = new("shard", XetLimits.Shard, TimeSpan.FromMinutes(5));

    public static readonly BodyLimit Batch = new("list of files", 1 << 20, TimeSpan.FromMinutes(1));
}
