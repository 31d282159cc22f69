using ModelGarden.Formats.IO;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Archives;

/// <summary>
/// Where the members of a zip lie: headers and bytes, one after the other, from the first byte to the directory. What lies between is in no list, and a
/// loader that goes from header to header, or one that unpacks pickles by searching, sees it.
/// </summary>
internal sealed class ZipLayout(ByteReader reader, Findings findings)
{
    private readonly Dictionary<ZipMember, long> _data = [];

    /// <summary>Stretches that belong to no member.</summary>
    public List<(long Begin, long End)> Gaps { get; } = [];

    /// <summary>Where a member's bytes begin; nothing when it has no header there or they would lie outside.</summary>
    public long? DataOf(ZipMember member) => _data.TryGetValue(member, out var offset) ? offset : null;

    public void Read(ZipDirectory directory)
    {
        var covered = 0L;
        foreach (var member in directory.Members.OrderBy(member => member.HeaderOffset))
        {
            covered = Math.Max(covered, Place(member, covered));
        }

        Gap(covered, directory.Offset);
    }

    private long Place(ZipMember member, long covered)
    {
        if (ZipLocalHeader.Read(reader, member.HeaderOffset) is not { } header || member.PackedSize < 0 || member.PackedSize > reader.Length - header.DataOffset)
        {
            findings.Suspicious("zip.member-damaged", $"member '{Text.Shorten(member.Name)}' is not where or what the directory says", member.HeaderOffset);
            return covered;
        }

        if (member.HeaderOffset < covered)
        {
            findings.Suspicious("zip.overlap", $"member '{Text.Shorten(member.Name)}' begins inside another", member.HeaderOffset);
        }

        Gap(covered, member.HeaderOffset);
        if (header.Difference(member) is { } difference)
        {
            findings.Suspicious("zip.header", $"member '{Text.Shorten(member.Name)}' {difference}: readers disagree on what it is", member.HeaderOffset);
        }

        _data.TryAdd(member, header.DataOffset);
        var end = header.DataOffset + member.PackedSize;
        return end + (member.HasDescriptor ? DescriptorLength(end, member) : 0);
    }

    // The signature is optional, sizes have four or eight bytes: the one whose values are the directory's is meant.
    private int DescriptorLength(long at, ZipMember member)
    {
        reader.SeekTo(at);
        var bytes = reader.Peek(24);
        var signature = bytes.StartsWith("PK\u0007\u0008"u8) ? 4 : 0;
        var rest = bytes[signature..];
        if (rest.Length >= 20 && BitConverter.ToUInt32(rest) == member.Crc && BitConverter.ToInt64(rest[4..]) == member.PackedSize && BitConverter.ToInt64(rest[12..]) == member.Size)
        {
            return signature + 20;
        }

        if (rest.Length >= 12 && BitConverter.ToUInt32(rest) == member.Crc && BitConverter.ToUInt32(rest[4..]) == (uint)member.PackedSize && BitConverter.ToUInt32(rest[8..]) == (uint)member.Size)
        {
            return signature + 12;
        }

        findings.Suspicious("zip.header", $"member '{Text.Shorten(member.Name)}' has another checksum or length behind its bytes", at);
        return 0;
    }

    private void Gap(long begin, long end)
    {
        if (begin < end)
        {
            Gaps.Add((begin, end));
        }
    }
}
