using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;
using ModelGarden.Formats.Numpy;
using ModelGarden.Formats.Onnx;
using ModelGarden.Formats.Pickles;
using ModelGarden.Formats.Torch;

namespace ModelGarden.Formats;

/// <summary>Tells a file's format by its first bytes, and what its name claims.</summary>
internal static class Recognition
{
    // A header longer than this is no header but something else that happens to have a '{' in the ninth place, such as text.
    private const ulong PlausibleHeader = 1UL << 40;

    public static FileFormat ByContent(ReadOnlySpan<byte> head, long length)
    {
        return length == 0 ? FileFormat.Empty
            : head.StartsWith("GGUF"u8) ? FileFormat.Gguf
            : IsZip(head) ? FileFormat.Zip
            : head.Length > 8 && head[8] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(head) < PlausibleHeader ? FileFormat.Safetensors
            : PickleRecognition.Matches(head, length) ? FileFormat.Pickle
            : IsArchive(head) ? FileFormat.Archive
            : NumpyHeader.Begins(head) ? FileFormat.Numpy
            : OnnxRecognition.Matches(head) ? FileFormat.Onnx
            : IsText(head) ? (IsJson(head, length) ? FileFormat.Json : FileFormat.Text)
            : FileFormat.Binary;
    }

    /// <summary>The formats that a name promises, the first of them the usual one; none for a name that promises nothing.</summary>
    public static FileFormat[] ByName(string fileName) => Path.GetExtension(fileName).ToUpperInvariant() switch
    {
        ".SAFETENSORS" => [FileFormat.Safetensors],
        ".GGUF" => [FileFormat.Gguf],
        ".ONNX" => [FileFormat.Onnx],
        ".PT" or ".PTH" or ".CKPT" or ".PKL" or ".PICKLE" or ".JOBLIB" => [FileFormat.Pickle, FileFormat.TorchZip, FileFormat.Zip],
        ".ZIP" or ".NPZ" => [FileFormat.Zip, FileFormat.TorchZip],
        ".NPY" => [FileFormat.Numpy],
        ".JSON" or ".JSONL" or ".IPYNB" => [FileFormat.Json],
        ".MD" => [FileFormat.Markdown, FileFormat.Text, FileFormat.Json, FileFormat.Empty],
        _ => [],
    };

    public static bool IsZip(ReadOnlySpan<byte> head) => head is [(byte)'P', (byte)'K', 3, 4, ..] or [(byte)'P', (byte)'K', 5, 6, ..] or [(byte)'P', (byte)'K', 7, 8, ..];

    /// <summary>Archives and compressed files into which this version does not look: gzip, xz, zstd, bzip2, 7z, rar, lz4, zlib, lzma, tar.</summary>
    public static bool IsArchive(ReadOnlySpan<byte> head) =>
        head is [0x1F, 0x8B, ..] or [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] or [0x28, 0xB5, 0x2F, 0xFD, ..]
            or [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', ..] or [(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C, ..]
            or [(byte)'R', (byte)'a', (byte)'r', (byte)'!', 0x1A, 0x07, ..] or [0x04, 0x22, 0x4D, 0x18, ..] or [0x78, 0x01 or 0x5E or 0x9C or 0xDA, ..]
            or [0x5D, 0, _, _, _, _, _, _, _, _, _, _, _, ..]
        || (head.Length > 262 && head[257..].StartsWith("ustar"u8)) || TarHeader.Matches(head);

    // Text that begins like JSON is JSON if nothing in its head says otherwise.
    private static bool IsJson(ReadOnlySpan<byte> head, long length)
    {
        if (head.TrimStart(" \t\r\n"u8) is not [(byte)'{' or (byte)'[', ..])
        {
            return false;
        }

        var json = new Utf8JsonReader(head, isFinalBlock: head.Length == length, default);
        try
        {
            while (json.Read())
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
