using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Tests.Cas;

/// <summary>The ways in which a shard can lie, each with a part of what its sender is told.</summary>
internal sealed class ShardLies
{
    private const int Record = 48;
    private readonly Dictionary<string, (Func<byte[]> Shard, string Words)> _lies = [];

    public ShardLies()
    {
        AddXorbs();
        AddSegments();
        AddHashes();
        AddDescriptions();
        AddBytes();
    }

    /// <summary>Uploaded by the tenant whose shards lie.</summary>
    public static TestXorb First { get; } = TestXorb.Any(11);

    public static TestXorb Second { get; } = TestXorb.Any(12, count: 6);

    /// <summary>Uploaded by another tenant.</summary>
    public static TestXorb Foreign { get; } = TestXorb.Any(13);

    public static TestXorb Unknown { get; } = TestXorb.Any(14);

    public static TestFile True { get; } = TestFile.Of((First, 1, 3), (Second, 0, 4), (First, 0, 2));

    public static byte[] TrueShard { get; } = TestFile.Shard([True], First, Second);

    public IEnumerable<string> Names => _lies.Keys;

    public (byte[] Shard, string Words) Of(string name) => (_lies[name].Shard(), _lies[name].Words);

    private void AddXorbs()
    {
        Add("a xorb that nobody has", "has not been uploaded by this tenant", () => TestFile.Shard([TestFile.Of(Unknown)]));
        Add("a xorb that another tenant has", "has not been uploaded by this tenant", () => TestFile.Shard([TestFile.Of(Foreign)]));
        Add("a xorb that another tenant has, for a part", "has not been uploaded by this tenant", () => TestFile.Shard([TestFile.Of((First, 0, 2), (Foreign, 0, 1))]));
        Add("description of a xorb that nobody has", "has not been uploaded by this tenant", () => TestFile.Shard([True], First, Unknown));
        Add("description of a xorb that another tenant has", "has not been uploaded by this tenant", () => TestFile.Shard([True], Foreign));
    }

    private void AddSegments()
    {
        Add("segment beyond the xorb's end", "which the xorb has not", () => Segment(0, segment => segment with { EndChunk = First.Index.Count + 1 }));
        Add("segment far beyond the xorb's end", "which the xorb has not", () => Segment(0, segment => segment with { FirstChunk = 8190, EndChunk = 8192 }));
        Add("segment that is too long", "which the xorb has not", () => Segment(1, segment => segment with { Length = segment.Length + 1 }));
        Add("segment that is too short", "which the xorb has not", () => Segment(1, segment => segment with { Length = segment.Length - 1 }));
        Add("segment without chunks", "damaged at its byte", () => Segment(1, segment => segment with { EndChunk = segment.FirstChunk }));
        Add("segment that runs backwards", "damaged at its byte", () => Segment(0, segment => segment with { FirstChunk = 3, EndChunk = 1 }));
        Add("segment beyond all xorbs", "damaged at its byte", () => Segment(0, segment => segment with { EndChunk = 8193 }));
        Add("segment longer than its chunks can be", "damaged at its byte", () => Segment(0, segment => segment with { Length = int.MaxValue }));
        Add("segment of other chunks", "verification hash of segment 0", () => Segment(0, _ => new(First.Hash, First.Index.UnpackedStart(3) - First.Index.UnpackedStart(1), 1, 3), 0));
    }

    private void AddHashes()
    {
        Add("another verification hash", "verification hash of segment 2", () => Claim(file => file with { Verification = [.. file.Verification!.Take(2), file.Verification![0]] }));
        Add("no verification hashes", "verification hashes are missing", () => Claim(file => file with { Verification = null }));
        Add("verification hashes of one file only", "unlike those before it", () => TestFile.Shard([True, TestFile.Of(First).With(file => file with { Verification = null })]));
        Add("another file hash", "its chunks have another hash", () => Claim(file => file with { Hash = Second.Hash }));
        Add("file hash of zeros", "none and a hash of zeros", () => Claim(file => file with { Hash = default }));
        Add("file hash of no segments", "none and a hash of zeros", () => Claim(file => file with { Segments = [], Verification = [] }));
        Add("segments in another order", "its chunks have another hash", () => Claim(file => file with { Segments = [.. file.Segments.Reverse()], Verification = [.. file.Verification!.Reverse()] }));
        Add("no sha256", "its sha256 is missing", () => Claim(file => file with { Sha256 = null }));
        Add("another sha256", "its bytes have another sha256", () => Claim(file => file with { Sha256 = Sha256Digest.Of([1]) }));
        Add("another sha256 of an empty file", "its bytes have another sha256", () => TestFile.Write(new([new(default, [], [], Sha256Digest.Of([1]))], [])));
        Add("empty file without sha256", "its sha256 is missing", () => TestFile.Write(new([new(default, [], [], null)], [])));
    }

    private void AddDescriptions()
    {
        Add("xorb with a chunk less", "it has not 3 chunks", () => Described(xorb => xorb with { Chunks = [.. xorb.Chunks.Take(3)] }));
        Add("xorb with a chunk more", "it has not 5 chunks", () => Described(xorb => xorb with { Chunks = [.. xorb.Chunks, new(Second.Hash, (int)xorb.UnpackedLength, 9, false)] }));
        Add("xorb with another chunk", "its chunk 3 is", () => Described(xorb => xorb with { Chunks = [.. xorb.Chunks.Take(3), xorb.Chunks[3] with { Hash = Second.Hash }] }));
        Add("xorb with a longer chunk", "its chunk 3 is", () => Described(xorb => xorb with { Chunks = [.. xorb.Chunks.Take(3), xorb.Chunks[3] with { Length = xorb.Chunks[3].Length + 1 }] }));
        Add("xorb with chunks that overlap", "damaged at its byte", () => Described(xorb => xorb with { Chunks = [.. xorb.Chunks.Take(3), xorb.Chunks[3] with { Start = 0 }] }));
        Add("xorb described truly and then not", "it has not 3 chunks", () => TestFile.Write(new([True.Claim], [ShardXorb.Of(First.Index), ShardXorb.Of(First.Index) with { Chunks = [.. ShardXorb.Of(First.Index).Chunks.Take(3)] }])));
        Add("xorb without chunks", "0 chunks", () => Described(xorb => xorb with { Chunks = [] }));
    }

    private void AddBytes()
    {
        Add("nothing", "does not begin with the tag", () => []);
        Add("another tag", "does not begin with the tag", () => Changed(3, 0));
        Add("another version", "its version is 3", () => Changed(32, 3));
        Add("unknown flags", "are not known", () => Changed(Record + 32, 1));
        Add("more segments than there are", "is cut off", () => Changed(Record + 39, 0x7F));
        Add("files without an end", "does not end with a bookend", () => TrueShard[..(Record * 9)]);
    }

    private void Add(string name, string words, Func<byte[]> shard) => _lies.Add(name, (shard, words));

    private static byte[] Claim(Func<ShardFile, ShardFile> change) => TestFile.Shard([True.With(change)], First, Second);

    private static byte[] Described(Func<ShardXorb, ShardXorb> change) => TestFile.Write(new([True.Claim], [ShardXorb.Of(Second.Index), change(ShardXorb.Of(First.Index))]));

    private static byte[] Segment(int number, Func<ShardSegment, ShardSegment> change, int? verification = null) => Claim(file => file with
    {
        Segments = [.. file.Segments.Select((segment, n) => n == number ? change(segment) : segment)],
        Verification = verification is { } wrong ? [.. file.Verification!.Select((hash, n) => n == number ? file.Verification![wrong + 1] : hash)] : file.Verification,
    });

    private static byte[] Changed(int at, byte value)
    {
        var shard = TrueShard.ToArray();
        shard[at] = value;
        return shard;
    }
}
