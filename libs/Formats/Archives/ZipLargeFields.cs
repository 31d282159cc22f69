using System.Buffers.Binary;

namespace ModelGarden.Formats.Archives;

/// <summary>The 64-bit fields of an entry: in the order size, packed size, offset, each present only where the 32-bit field is all ones.</summary>
internal ref struct ZipLargeFields
{
    private ReadOnlySpan<byte> _fields;

    public ZipLargeFields(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (length > extra.Length - 4)
            {
                return;
            }

            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == 1)
            {
                _fields = extra.Slice(4, length);
                return;
            }

            extra = extra[(4 + length)..];
        }
    }

    public long Or(uint small)
    {
        if (small != uint.MaxValue || _fields.Length < 8)
        {
            return small;
        }

        var value = BinaryPrimitives.ReadInt64LittleEndian(_fields);
        _fields = _fields[8..];
        return value;
    }
}
