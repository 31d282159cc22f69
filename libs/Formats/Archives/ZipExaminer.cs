using System.IO.Compression;
using ModelGarden.Formats.IO;
using ModelGarden.Formats.Pickles;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Archives;

/// <summary>
/// Looks into a zip: the directory, then the beginning of every member, for what a member is by its content. Nothing is unpacked beyond
/// <see cref="HeadLength"/> bytes, so a bomb cannot go off.
/// </summary>
internal sealed class ZipExaminer(ByteReader reader, Findings findings)
{
    private const int HeadLength = 1024;
    private const int MaximumListed = 256;
    private const int LocalHeaderLength = 30;
    private const int Stored = 0;
    private const int Deflated = 8;

    public (FileFormat Format, ArchiveFacts? Facts) Examine()
    {
        var directory = new ZipDirectory(reader);
        directory.Read();
        var isTorch = directory.Members.Any(member => member.Name == "data.pkl" || member.Name.EndsWith("/data.pkl", StringComparison.Ordinal));
        var format = isTorch ? FileFormat.TorchZip : FileFormat.Zip;
        if (isTorch)
        {
            findings.Suspicious("pickle.torch", "this is a torch checkpoint: its pickle can run code when it is loaded");
        }

        if (reader.Failed)
        {
            return (format, null);
        }

        foreach (var member in directory.Members)
        {
            CheckName(member);
            CheckContent(member);
        }

        return (format, new()
        {
            MemberCount = directory.Members.Count,
            UnpackedSize = directory.Members.Aggregate(0L, (sum, member) => long.MaxValue - sum < member.Size ? long.MaxValue : sum + Math.Max(0, member.Size)),
            Members = [.. directory.Members.Take(MaximumListed).Select(member => member.Name)],
        });
    }

    private void CheckName(ZipMember member)
    {
        if (FilePath.Create(member.Name.TrimEnd('/')).Error is { } error)
        {
            findings.Suspicious("zip.member-path", $"a member would be unpacked to a place outside, or not at all: {error.Message}", member.HeaderOffset);
        }
    }

    private void CheckContent(ZipMember member)
    {
        var fault = member switch
        {
            { IsEncrypted: true } => "is encrypted",
            { Method: not (Stored or Deflated) } => $"is packed with method {member.Method}",
            { HeaderOffset: < 0 } or { PackedSize: < 0 } => "lies outside the file",
            _ when member.HeaderOffset > reader.Length - LocalHeaderLength => "lies outside the file",
            _ when !reader.CanSeek => "cannot be looked at in a stream that cannot seek",
            _ => null,
        };
        if (fault is not null)
        {
            findings.Suspicious("zip.member-not-examined", $"member '{Text.Shorten(member.Name)}' {fault}", member.HeaderOffset);
        }
        else if (member.PackedSize > 0)
        {
            CheckHead(member, ReadHead(member));
        }
    }

    private void CheckHead(ZipMember member, byte[]? head)
    {
        if (head is null)
        {
            findings.Suspicious("zip.member-damaged", $"member '{Text.Shorten(member.Name)}' is not where or what the directory says", member.HeaderOffset);
        }
        else if (PickleRecognition.Matches(head, Math.Max(head.Length, member.Size)) || Recognition.IsObjectArray(head))
        {
            findings.Suspicious("pickle.member", $"member '{Text.Shorten(member.Name)}' is a pickle, which can run code when it is loaded", member.HeaderOffset);
        }
        else if (Recognition.IsArchive(head) || Recognition.IsZip(head))
        {
            findings.Suspicious("zip.nested", $"member '{Text.Shorten(member.Name)}' is an archive itself, into which nobody has looked", member.HeaderOffset);
        }
    }

    private byte[]? ReadHead(ZipMember member)
    {
        reader.SeekTo(member.HeaderOffset);
        var header = reader.Take(LocalHeaderLength);
        if (!header.StartsWith("PK\u0003\u0004"u8))
        {
            return null;
        }

        var names = BitConverter.ToUInt16(header[26..]) + BitConverter.ToUInt16(header[28..]);
        if (names + member.PackedSize > reader.Remaining)
        {
            return null;
        }

        reader.Skip(names);
        var packed = reader.Take((int)Math.Min(member.PackedSize, 4 * HeadLength)).ToArray();
        return member.Method == Stored ? packed[..Math.Min(packed.Length, HeadLength)] : Inflate(packed);
    }

    private static byte[]? Inflate(byte[] packed)
    {
        using var stream = new DeflateStream(new MemoryStream(packed), CompressionMode.Decompress);
        var head = new byte[HeadLength];
        try
        {
            return head[..stream.ReadAtLeast(head, HeadLength, throwOnEndOfStream: false)];
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
