using System.Buffers.Binary;
using ModelGarden.Kernel;

namespace ModelGarden.Xet;

/// <summary>
/// The last 200 bytes of a shard that a server answers or a client sends (xet.md 4, 7). Only who asked for the shard reads it: of an uploaded
/// one it says nothing that matters.
/// </summary>
/// <param name="XorbSection">Where the section of xorbs begins, in bytes.</param>
/// <param name="Key">The key of the chunks' hashes; zeros: they are plain.</param>
/// <param name="Created">When it was written, in whole seconds.</param>
/// <param name="Expires">Until when xorbs in it may be referred to, in whole seconds; null: nothing is said.</param>
public sealed record ShardFooter(long XorbSection, XetHash Key, DateTimeOffset Created, DateTimeOffset? Expires)
{
    private const int KeyOffset = 72;

    /// <summary>Reads the footer that <paramref name="shard"/> ends with.</summary>
    public static Result<ShardFooter> Read(ReadOnlySpan<byte> shard)
    {
        var at = shard.Length - ShardFormat.FooterSize;
        if (at < 3 * ShardFormat.RecordSize)
        {
            return Damaged(0, $"with {shard.Length} bytes it is too short for one");
        }

        var footer = shard[at..];
        if (Long(footer, 0) != ShardFormat.FooterVersion || Long(footer, 192) != (ulong)at || Long(footer, 16) > (ulong)at)
        {
            return Damaged(at, "its version, its own offset or that of the xorbs is wrong");
        }

        var (created, expires) = (Long(footer, 104), Long(footer, 112));
        var last = (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        return created > last || expires > last
            ? Damaged(at, "one of its times is out of range")
            : new ShardFooter((long)Long(footer, 16), XetHash.FromBytes(footer.Slice(KeyOffset, XetHash.Size)), Time(created), expires == 0 ? null : Time(expires));
    }

    /// <summary>Writes the 200 bytes; there are no lookup tables, and where they would begin the footer does (trap 8).</summary>
    internal static void Write(Span<byte> footer, ShardFooter values, ShardTotals totals, long at)
    {
        footer.Clear();
        Put(footer, 0, ShardFormat.FooterVersion);
        Put(footer, 8, ShardFormat.RecordSize);
        Put(footer, 16, (ulong)values.XorbSection);
        Put(footer, 24, (ulong)at);
        Put(footer, 40, (ulong)at);
        Put(footer, 56, (ulong)at);
        values.Key.CopyTo(footer[KeyOffset..]);
        Put(footer, 104, (ulong)values.Created.ToUnixTimeSeconds());
        Put(footer, 112, (ulong)(values.Expires?.ToUnixTimeSeconds() ?? 0));
        Put(footer, 168, (ulong)totals.Serialized);
        Put(footer, 176, (ulong)totals.Files);
        Put(footer, 184, (ulong)totals.Unpacked);
        Put(footer, 192, (ulong)at);
    }

    private static ulong Long(ReadOnlySpan<byte> footer, int at) => BinaryPrimitives.ReadUInt64LittleEndian(footer[at..]);

    private static void Put(Span<byte> footer, int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(footer[at..], value);

    private static DateTimeOffset Time(ulong seconds) => DateTimeOffset.FromUnixTimeSeconds((long)seconds);

    private static Error Damaged(int at, string what) => Error.Invalid("BAD_SHARD", $"the shard's footer is damaged at byte {at}: {what}");
}

/// <summary>Sums for a footer, in bytes: of the xorbs as stored, of the files, of the xorbs unpacked.</summary>
internal readonly record struct ShardTotals(long Serialized, long Files, long Unpacked);
