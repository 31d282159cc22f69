namespace ModelGarden.Testing;

/// <summary>Breaks bytes in the ways that break parsers, of models' formats and of Xet's: the same seed breaks them the same way.</summary>
public sealed class Mutator(int seed)
{
    private static readonly ulong[] Nasty =
    [
        0, 1, 7, 8, 15, 16, 31, 32, 127, 128, 255, 256, 8191, 8192, 8193, 65_535, 65_536, 131_071, 131_072, 131_073, 262_144, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32, 1UL << 40, long.MaxValue, 1UL << 63,
        ulong.MaxValue - 7, ulong.MaxValue,
    ];

    private static readonly byte[][] Words =
    [
        [.. "{"u8], [.. "}"u8], [.. "[["u8], [.. "\""u8], [.. "\\u"u8], [.. ",\"a\":1"u8], [.. "-1"u8], [.. "9223372036854775808"u8], [.. "1e9"u8], [.. "\n---\n"u8], [.. "&a *a"u8],
        [.. ": "u8], [.. "\n- "u8], [.. "GGUF"u8], [.. "PK\u0003\u0004"u8], [.. "PK\u0001\u0002"u8], [.. "PK\u0005\u0006"u8], [.. "c\nos\nsystem\n"u8], [0x80, 0x02], [0x80, 0x04, 0x95], [.. "(K\u0001t"u8], [.. "q\0"u8], [.. "h\0"u8], [.. "0"u8], [.. "Rb"u8], [0x8C, 0x01, 0x61], [0x93], [0x94], [.. "Q"u8], [.. "PK\u0007\u0008"u8], [0xFF, 0xFF, 0xFF, 0xFF], [0xC3], [0x00],
        [.. "XETBLOB\u0001"u8], [4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82], [4, 0x22, 0x4d, 0x18, 0x40, 0x70, 0xdf], [0x00, 0x00, 0x00, 0x80], [0xF0], [0x0F, 0x01, 0x00, 0xFF, 0xFF],
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
        // Headers stand at the beginning, a zip's directory at the end: most changes go there.
        var near = _random.Next(4) switch { 0 => bytes.Count, 1 => Math.Min(64, bytes.Count), _ => Math.Min(4096, bytes.Count) };
        var at = near == 0 ? 0 : _random.Next(3) == 0 ? bytes.Count - 1 - _random.Next(near) : _random.Next(near);
        switch (bytes.Count == 0 ? 6 : _random.Next(9))
        {
            case 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 3:
                bytes.RemoveRange(at, Math.Min(_random.Next(1, 64), bytes.Count - at));
                break;
            case 4:
                Overwrite(bytes, at, BitConverter.GetBytes(Nasty[_random.Next(Nasty.Length)]).AsSpan(0, 1 << _random.Next(4)));
                break;
            case 5:
                var from = _random.Next(bytes.Count);
                bytes.InsertRange(at, bytes.GetRange(from, Math.Min(_random.Next(1, 256), bytes.Count - from)));
                break;
            case 6:
                bytes.InsertRange(at, Words[_random.Next(Words.Length)]);
                break;
            case 7:
                Overwrite(bytes, at, Words[_random.Next(Words.Length)]);
                break;
            default:
                bytes.InsertRange(at, Enumerable.Repeat(bytes[at], _random.Next(1, 2000)));
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
