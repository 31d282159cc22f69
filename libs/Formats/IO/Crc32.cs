using System.Buffers;
using System.Buffers.Binary;

namespace ModelGarden.Formats.IO;

/// <summary>The checksum of zip and gzip, eight bytes at a step.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB8_8320;
    private static readonly uint[] Tables = MakeTables();

    public static (uint Sum, long Length) Of(Stream stream)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        var (crc, length) = (uint.MaxValue, 0L);
        while (stream.Read(buffer) is > 0 and var read)
        {
            crc = Append(crc, buffer.AsSpan(0, read));
            length += read;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return (~crc, length);
    }

    /// <summary>Goes on with a sum: begins at all ones, ends by turning every bit.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            var low = crc ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            var high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = At(7, low) ^ At(6, low >> 8) ^ At(5, low >> 16) ^ At(4, low >> 24) ^ At(3, high) ^ At(2, high >> 8) ^ At(1, high >> 16) ^ At(0, high >> 24);
        }

        foreach (var value in bytes)
        {
            crc = At(0, crc ^ value) ^ (crc >> 8);
        }

        return crc;
    }

    private static uint At(int table, uint value) => Tables[(table << 8) | (int)(value & 0xFF)];

    private static uint[] MakeTables()
    {
        var tables = new uint[8 * 256];
        for (var index = 0u; index < 256; index++)
        {
            var value = index;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ Polynomial : value >> 1;
            }

            tables[index] = value;
        }

        for (var index = 256; index < tables.Length; index++)
        {
            tables[index] = tables[tables[index - 256] & 0xFF] ^ (tables[index - 256] >> 8);
        }

        return tables;
    }
}
