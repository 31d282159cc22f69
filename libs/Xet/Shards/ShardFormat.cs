namespace ModelGarden.Xet;

/// <summary>The numbers of the shard format that reader and writer share (xet.md 4). Every record has 48 bytes, all integers are little-endian.</summary>
internal static class ShardFormat
{
    public const int RecordSize = 48;
    public const int FooterSize = 200;
    public const ulong Version = 2;
    public const ulong FooterVersion = 1;
    public const uint HasVerification = 1u << 31;
    public const uint HasMetadata = 1u << 30;
    public const uint DedupCandidate = 1u << 31;

    public static ReadOnlySpan<byte> Tag =>
    [
        (byte)'H', (byte)'F', (byte)'R', (byte)'e', (byte)'p', (byte)'o', (byte)'M', (byte)'e', (byte)'t', (byte)'a', (byte)'D', (byte)'a', (byte)'t', (byte)'a', 0,
        0x55, 0x69, 0x67, 0x45, 0x6a, 0x7b, 0x81, 0x57, 0x83, 0xa5, 0xbd, 0xd9, 0x5c, 0xcd, 0xd1, 0x4a, 0xa9,
    ];

    /// <summary>The hash of the record that ends a section: all bits set.</summary>
    public static ReadOnlySpan<byte> Bookend =>
    [
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    ];
}
