using System.IO.Compression;
using ModelGarden.Formats.IO;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Archives;

/// <summary>Opens the members of a zip and has them examined, whatever their flags say.</summary>
internal sealed class ZipMembers(ByteReader reader, Findings findings, Walk walk, ZipLayout layout)
{
    private const int Stored = 0;
    private const int Deflated = 8;
    private const long MaximumChecked = 64L * 1024 * 1024;

    public ByteReader Reader => reader;

    public Findings Of(ZipMember member) => findings.Within(member.Name, member.HeaderOffset);

    /// <summary>Where a stored member's bytes lie in the file; nothing for one that is packed or damaged.</summary>
    public long? StoredAt(ZipMember member) => member.Method == Stored && member.Size == member.PackedSize ? layout.DataOf(member) : null;

    /// <summary>Examines a member by its content; says what it is.</summary>
    public FileFormat? Examine(ZipMember member) => Examine(member, (content, length) => ContentExaminer.Member(content, length, Of(member), walk, member.Name));

    /// <summary>Has a member's bytes read by someone, whatever its flags say, and says what is wrong with them.</summary>
    public FileFormat? Examine(ZipMember member, Func<Stream, long, FileFormat?> read)
    {
        if (layout.DataOf(member) is null || (member.PackedSize == 0 && member.Size == 0) || !CheckFields(member))
        {
            return null;
        }

        var format = Read(member, content => read(content, LengthOf(member)));
        if (member.Size <= (format is FileFormat.Pickle ? MaximumChecked : 64 * 1024))
        {
            CheckSum(member);
        }

        return format;
    }

    /// <summary>Looks into bytes that belong to no member: a loader might.</summary>
    public void ExamineGap((long Begin, long End) gap)
    {
        var header = ZipLocalHeader.Read(reader, gap.Begin);
        var what = header is null ? "belong to no member" : $"are a member '{Text.Shorten(header.Member.Name)}' that the directory does not list";
        findings.Suspicious("zip.gap", $"bytes {gap.Begin} to {gap.End} of the zip {what}", gap.Begin);
        var begin = header?.DataOffset ?? gap.Begin;
        if (begin >= gap.End)
        {
            return;
        }

        var inside = findings.Within("bytes in no list", gap.Begin);
        if (header?.Member.Method == Deflated)
        {
            using var inflated = new DeflateStream(reader.Part(begin, gap.End - begin), CompressionMode.Decompress);
            ContentExaminer.Member(new UnpackingStream(inflated, walk), Math.Max(header.Member.Size, ByteReader.Window), inside, walk);
        }
        else
        {
            ContentExaminer.Member(reader.Part(begin, gap.End - begin), gap.End - begin, inside, walk);
        }
    }

    private bool CheckFields(ZipMember member)
    {
        if (member.HasOddFlags)
        {
            Suspicious("zip.flags", member, $"has the flags 0x{member.Flags:x}: some readers take it for encrypted, others read it");
        }

        if (member.Method is not (Stored or Deflated) || member.Size < 0)
        {
            Suspicious("zip.member-not-examined", member, $"is packed with method {member.Method}, of {member.Size} bytes");
        }
        else if (member.Method == Stored && member.Size != member.PackedSize)
        {
            Suspicious("zip.header", member, $"is not packed, and has {member.PackedSize} bytes of {member.Size}");
        }

        if (member.Method != Deflated || member.Size <= Walk.RatioMatters || member.Size / Walk.MaximumRatio <= member.PackedSize)
        {
            return true;
        }

        Suspicious("archive.ratio", member, $"would be {member.Size} bytes out of {member.PackedSize}: more than {Walk.MaximumRatio} times");
        return false;
    }

    private static long LengthOf(ZipMember member) => member.Method == Deflated ? member.Size : member.PackedSize;

    private T? Read<T>(ZipMember member, Func<Stream, T?> read)
    {
        var packed = reader.Part(layout.DataOf(member) ?? 0, member.PackedSize);
        if (member.Method != Deflated)
        {
            return read(packed);
        }

        using var inflated = new DeflateStream(packed, CompressionMode.Decompress);
        using var content = new UnpackingStream(inflated, walk);
        var result = read(content);
        if (content.Fault is { } fault)
        {
            Suspicious("zip.member-damaged", member, fault);
        }

        return result;
    }

    // Not of large members that are no pickle: that would be to read every tensor.
    private void CheckSum(ZipMember member) => Read(member, content =>
    {
        var (sum, length) = Crc32.Of(content);
        if (sum != member.Crc || length != member.Size)
        {
            Suspicious("zip.checksum", member, "has another checksum or length than the directory says: some readers refuse it, others do not");
        }

        return sum;
    });

    private void Suspicious(string rule, ZipMember member, string what) => findings.Suspicious(rule, $"member '{Text.Shorten(member.Name)}' {what}", member.HeaderOffset);
}
