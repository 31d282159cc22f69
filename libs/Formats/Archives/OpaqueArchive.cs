namespace ModelGarden.Formats.Archives;

/// <summary>Compressed files and archives for which there is no reader here. What nobody has looked into is suspicious.</summary>
internal static class OpaqueArchive
{
    public static void Examine(Content content)
    {
        var kind = KindOf(content.Reader.Peek(16)) ?? "compressed";
        content.Findings.Suspicious("archive.not-examined", $"this is a {kind} file, which cannot be looked into here: send what is in it unpacked, or as zip, tar or gzip", 0);
    }

    /// <summary>What it is called; nothing for what is none.</summary>
    public static string? KindOf(ReadOnlySpan<byte> head) => head switch
    {
        [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => "xz",
        [0x28, 0xB5, 0x2F, 0xFD, ..] or [>= 0x50 and <= 0x5F, 0x2A, 0x4D, 0x18, ..] => "zstd",
        [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', ..] => "bzip2",
        [(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C, ..] => "7z",
        [(byte)'R', (byte)'a', (byte)'r', (byte)'!', 0x1A, 0x07, ..] => "rar",
        [0x04 or 0x02, 0x22 or 0x21, 0x4D or 0x4C, 0x18, ..] => "lz4",
        [0x5D, 0, 0, _, _, ..] or [0x5D, 0, _, _, _, _, _, _, _, _, _, _, _, ..] => "lzma",
        [0x1F, 0x9D, ..] or [0x1F, 0xA0, ..] => "compress",
        [(byte)'L', (byte)'Z', (byte)'I', (byte)'P', ..] => "lzip",
        _ => null,
    };
}
