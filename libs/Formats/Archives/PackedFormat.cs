using System.Buffers.Binary;
using System.Text;
using ModelGarden.Formats.IO;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Archives;

/// <summary>What stands around the deflated bytes of a file that is nothing but packed.</summary>
internal abstract class PackedFormat
{
    public static PackedFormat Gzip { get; } = new GzipFormat();

    public static PackedFormat Zlib { get; } = new ZlibFormat();

    public abstract string Name { get; }

    public abstract uint EmptySum { get; }

    /// <summary>True when another stretch may follow where one ends.</summary>
    public abstract bool BeginsAgain(ReadOnlySpan<byte> bytes);

    /// <summary>Reads what stands before the deflated bytes; what is wrong with it so that nothing can be read, or nothing.</summary>
    public abstract string? ReadHead(PackedSource source, Findings? findings);

    public abstract uint Sum(uint sum, ReadOnlySpan<byte> bytes);

    /// <summary>What must stand behind the deflated bytes.</summary>
    public abstract byte[] Trailer(uint sum, long length);

    private sealed class GzipFormat : PackedFormat
    {
        private const int MaximumText = 4096;

        public override string Name => "gzip";

        public override uint EmptySum => uint.MaxValue;

        public override bool BeginsAgain(ReadOnlySpan<byte> bytes) => bytes is [0x1F, 0x8B, ..];

        public override string? ReadHead(PackedSource source, Findings? findings)
        {
            var start = source.Position;
            if (source.Peek(10) is not [0x1F, 0x8B, 8, var flags, ..] head || head.Length < 10 || (flags & 0xE0) != 0)
            {
                return "has a header that gzip does not have";
            }

            Skip(source, 10);
            if ((flags & 4) != 0)
            {
                ReadExtra(source, findings, start);
            }

            var name = (flags & 8) != 0 ? ReadText(source) : "";
            var comment = (flags & 16) != 0 ? ReadText(source) : "";
            Skip(source, (flags & 2) != 0 ? 2 : 0);
            if (name is null || comment is null)
            {
                return $"has a name or comment of more than {MaximumText} bytes, or ends inside its header";
            }

            CheckName(name, findings, start);
            return null;
        }

        public override uint Sum(uint sum, ReadOnlySpan<byte> bytes) => Crc32.Append(sum, bytes);

        public override byte[] Trailer(uint sum, long length)
        {
            var trailer = new byte[8];
            BinaryPrimitives.WriteUInt32LittleEndian(trailer, ~sum);
            BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(4), (uint)length);
            return trailer;
        }

        private static void CheckName(string name, Findings? findings, long start)
        {
            if (name.Length > 0 && (FilePath.Create(name).Error is { } error ? error.Message : name.Contains('/', StringComparison.Ordinal) ? $"'{Text.Shorten(name)}' has folders" : null) is { } fault)
            {
                findings?.Suspicious("gzip.name", $"the header names a file that would be unpacked to another place: {fault}", start);
            }
        }

        // Block gzip says with two bytes how long a stretch is; nothing else is known to be said here, and nobody sees it.
        private static void ReadExtra(PackedSource source, Findings? findings, long start)
        {
            var length = source.Peek(2) is [var low, var high] ? low | (high << 8) : 0;
            Skip(source, 2);
            if (!(length == 6 && source.Peek(4).SequenceEqual("BC\u0002\0"u8)) && length > 0)
            {
                findings?.Suspicious("gzip.extra", $"the header has an extra field of {length} bytes, which readers pass over", start);
            }

            Skip(source, length);
        }

        private static string? ReadText(PackedSource source)
        {
            var text = new StringBuilder();
            while (text.Length <= MaximumText)
            {
                switch (source.Next())
                {
                    case null:
                        return null;
                    case 0:
                        return text.ToString();
                    case { } value:
                        text.Append((char)value);
                        break;
                }
            }

            return null;
        }

        private static void Skip(PackedSource source, int count)
        {
            for (; count > 0 && source.Next() is not null; count--)
            {
            }
        }
    }

    private sealed class ZlibFormat : PackedFormat
    {
        private const uint Modulus = 65_521;

        public override string Name => "zlib";

        public override uint EmptySum => 1;

        public override bool BeginsAgain(ReadOnlySpan<byte> bytes) => false;

        public override string? ReadHead(PackedSource source, Findings? findings)
        {
            var isHead = source.Next() is { } method && source.Next() is { } flags && ((method << 8) | flags) % 31 == 0 && (flags & 0x20) == 0 && (method & 15) == 8;
            return isHead ? null : "has a header that zlib does not have";
        }

        public override uint Sum(uint sum, ReadOnlySpan<byte> bytes)
        {
            var (low, high) = (sum & 0xFFFF, sum >> 16);
            while (!bytes.IsEmpty)
            {
                // As many as fit into 32 bits before the remainder must be taken.
                var piece = bytes[..Math.Min(bytes.Length, 5552)];
                foreach (var value in piece)
                {
                    low += value;
                    high += low;
                }

                (low, high) = (low % Modulus, high % Modulus);
                bytes = bytes[piece.Length..];
            }

            return (high << 16) | low;
        }

        public override byte[] Trailer(uint sum, long length)
        {
            var trailer = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(trailer, sum);
            return trailer;
        }
    }
}
