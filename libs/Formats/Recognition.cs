using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;
using ModelGarden.Formats.Archives;
using ModelGarden.Formats.IO;
using ModelGarden.Formats.Json;
using ModelGarden.Formats.Numpy;
using ModelGarden.Formats.Onnx;
using ModelGarden.Formats.Pickles;
using ModelGarden.Formats.TensorFlow;

namespace ModelGarden.Formats;

/// <summary>Tells a file's format by its first bytes.</summary>
internal static class Recognition
{
    // A header longer than this is no header but something else that happens to have a '{' in the ninth place, such as text.
    private const ulong PlausibleHeader = 1UL << 40;

    private static ReadOnlySpan<byte> Hdf5Mark => [0x89, (byte)'H', (byte)'D', (byte)'F', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    /// <summary>The format of the bytes before the reader, which stays where it is.</summary>
    public static FileFormat Of(ByteReader reader, Walk walk, Findings findings)
    {
        var head = reader.Peek(ByteReader.Window);
        var content = ByContent(head, reader.Length);
        HiddenContent.Say(content, head, findings);
        return content is FileFormat.Binary or FileFormat.Text ? ByShape(reader, walk) ?? content : content;
    }

    /// <summary>What a protobuf is that does not begin as its usual writers begin it. Of streams that cannot seek, only short ones are looked through.</summary>
    private static FileFormat? ByShape(ByteReader reader, Walk walk)
    {
        var kinds = ShapeOf(reader, walk);
        return (kinds & ProtoKinds.OnnxModel) != 0 ? FileFormat.Onnx
            : (kinds & (ProtoKinds.Graph | ProtoKinds.MetaGraph | ProtoKinds.SavedModel)) != 0 ? FileFormat.SavedModel
            : null;
    }

    public static ProtoKinds ShapeOf(ByteReader reader, Walk walk)
    {
        var head = reader.Peek(ByteReader.Window);
        if (head.Length == reader.Length)
        {
            using var memory = new MemoryStream(head.ToArray());
            using var small = new ByteReader(memory, memory.Length, walk.CancellationToken);
            return ProtoShape.Of(small, walk);
        }

        if (!reader.CanSeek)
        {
            return ProtoKinds.None;
        }

        using var all = new ByteReader(reader.Part(0, reader.Length), reader.Length, walk.CancellationToken);
        var kinds = ProtoShape.Of(all, walk);
        reader.SeekTo(0);
        return kinds;
    }

    public static FileFormat ByContent(ReadOnlySpan<byte> head, long length)
    {
        return length == 0 ? FileFormat.Empty
            : head.StartsWith("GGUF"u8) ? FileFormat.Gguf
            : IsZip(head) ? FileFormat.Zip
            : head.Length > 8 && head[8] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(head) < PlausibleHeader ? FileFormat.Safetensors
            : PickleRecognition.Matches(head, length) ? FileFormat.Pickle
            : TarHeader.HasChecksum(head) || (head.Length > 262 && head[257..].StartsWith("ustar"u8)) ? FileFormat.Tar
            : head is [0x1F, 0x8B, ..] ? FileFormat.Gzip
            : head is [0x78, 0x01 or 0x5E or 0x9C or 0xDA, ..] || JoblibZFile.HeadOf(head) > 0 ? FileFormat.Zlib
            : OpaqueArchive.KindOf(head) is not null ? FileFormat.Archive
            : IsHdf5(head) ? FileFormat.Hdf5
            : NumpyHeader.Begins(head) ? FileFormat.Numpy
            : OnnxRecognition.Matches(head) ? FileFormat.Onnx
            : TensorFlowRecognition.Matches(head) ? FileFormat.SavedModel
            : IsText(head) ? (IsJson(head, length) ? FileFormat.Json : FileFormat.Text)
            : FileFormat.Binary;
    }

    public static bool IsZip(ReadOnlySpan<byte> head) => head is [(byte)'P', (byte)'K', 3, 4, ..] or [(byte)'P', (byte)'K', 5, 6, ..] or [(byte)'P', (byte)'K', 7, 8, ..];

    /// <summary>HDF5's superblock stands first, or at 512 bytes times a power of two.</summary>
    public static bool IsHdf5(ReadOnlySpan<byte> head)
    {
        for (var at = 0; at < head.Length; at = at == 0 ? 512 : at * 2)
        {
            if (head[at..].StartsWith(Hdf5Mark))
            {
                return true;
            }
        }

        return false;
    }

    // Text that begins like JSON is JSON if nothing in its head says otherwise.
    private static bool IsJson(ReadOnlySpan<byte> head, long length)
    {
        if (head is [0xEF, 0xBB, 0xBF, ..])
        {
            head = head[3..];
            length -= 3;
        }

        if (head.TrimStart(" \t\r\n"u8) is not [(byte)'{' or (byte)'[', ..])
        {
            return false;
        }

        return IsJson(head.ToArray(), isWhole: head.Length == length);
    }

    private static bool IsJson(Span<byte> head, bool isWhole)
    {
        var json = new Utf8JsonReader(head, isWhole, default);
        try
        {
            while ((PythonNumbers.Overwrite(head[(int)json.BytesConsumed..], out _) is not PythonNumber.Cut || isWhole) && json.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsText(ReadOnlySpan<byte> head)
    {
        // A character may be cut where the head ends.
        for (var cut = 0; cut < 4 && cut < head.Length; cut++)
        {
            if (Utf8.IsValid(head[..^cut]))
            {
                return !head.Contains((byte)0);
            }

            if (head[^(cut + 1)] < 0x80)
            {
                return false;
            }
        }

        return false;
    }
}
