namespace ModelGarden.Xet.Tests;

/// <summary>Breaks bytes in the ways that break parsers of binary formats: the same seed breaks them the same way.</summary>
internal sealed class Mutator(int seed)
{
    private static readonly ulong[] Nasty =
    [
        0, 1, 7, 8, 15, 16, 31, 32, 127, 128, 255, 256, 8191, 8192, 8193, 65_535, 65_536, 131_071, 131_072, 131_073, 262_144, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32, long.MaxValue, 1UL << 63, ulong.MaxValue,
    ];

    private static readonly byte[][] Words =
    [
        [.. "XETBLOB\u0001"u8], [4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82], [4, 0x22, 0x4d, 0x18, 0x40, 0x70, 0xdf], [0xFF, 0xFF, 0xFF, 0xFF], [0x00, 0x00, 0x00, 0x80], [0xF0], [0x0F, 0x01, 0x00, 0xFF, 0xFF],
        [.. Enumerable.Repeat((byte)0xFF, 32)], [0, 0, 0, 0],
    ];

    private readonly Random _random = new(seed);

    public byte[] Mutate(byte[] original)
    {
        var bytes = new List<byte>(original);
        for (var count = _random.Next(1, 6); count > 0; count--)
        {
            Change(bytes);
        }

        return [.. bytes];
    }

    private void Change(List<byte> bytes)
    {
        var at = bytes.Count == 0 ? 0 : _random.Next(_random.Next(2) == 0 ? Math.Min(64, bytes.Count) : bytes.Count);
        switch (bytes.Count == 0 ? 5 : _random.Next(8))
        {
            case 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, Math.Min(_random.Next(3) == 0 ? bytes.Count : _random.Next(1, 64), bytes.Count - at));
                break;
            case 3:
                Overwrite(bytes, at, BitConverter.GetBytes(Nasty[_random.Next(Nasty.Length)]).AsSpan(0, 1 << _random.Next(4)));
                break;
            case 4:
                var from = _random.Next(bytes.Count);
                bytes.InsertRange(at, bytes.GetRange(from, Math.Min(_random.Next(1, 256), bytes.Count - from)));
                break;
            case 5:
                bytes.InsertRange(at, Words[_random.Next(Words.Length)]);
                break;
            case 6:
                Overwrite(bytes, at, Words[_random.Next(Words.Length)]);
                break;
            default:
                bytes.InsertRange(at, Enumerable.Repeat(bytes[at], _random.Next(1, 500)));
                break;
        }
    }

    private static void Overwrite(List<byte> bytes, int at, ReadOnlySpan<byte> with)
    {
        for (var n = 0; n < with.Length && at + n < bytes.Count; n++)
        {
            bytes[at + n] = with[n];
        }
    }
}
