namespace ModelGarden.Formats.IO;

/// <summary>The wire types of protobuf that models use; groups, which they do not, are refused.</summary>
internal enum Wire
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

/// <summary>Reads protobuf fields one by one, each message held inside the one around it.</summary>
/// <param name="reader">Whose bytes.</param>
/// <param name="rule">What its rules begin with.</param>
internal sealed class ProtoReader(ByteReader reader, string rule)
{
    public int Field { get; private set; }

    public Wire Wire { get; private set; }

    /// <summary>Goes to the next field of the message that ends at <paramref name="end"/>; false at its end and after a fault.</summary>
    public bool Next(long end)
    {
        if (reader.Failed || reader.Position >= end)
        {
            return false;
        }

        var start = reader.Position;
        var tag = Varint(end);
        Field = (int)Math.Min(tag >> 3, int.MaxValue);
        Wire = (Wire)(tag & 7);
        if (!reader.Failed && (Field == 0 || tag >> 3 > 536_870_911 || !Enum.IsDefined(Wire)))
        {
            reader.Fail($"{rule}.field", $"a field has the number {tag >> 3} and wire type {(int)Wire}, which no model has", start);
        }

        return !reader.Failed;
    }

    /// <summary>The number in the current field, 0 and failed when it is no number.</summary>
    public ulong Number(long end) => Wire == Wire.Varint ? Varint(end) : Wrong();

    /// <summary>The end of the bytes, text or message in the current field.</summary>
    public long Enter(long end)
    {
        if (Wire != Wire.Bytes)
        {
            Wrong();
            return reader.Position;
        }

        var start = reader.Position;
        var length = Varint(end);
        if (!reader.Failed && length > (ulong)(end - reader.Position))
        {
            reader.Fail($"{rule}.length", $"field {Field} claims {length} bytes, {end - reader.Position} are left around it", start);
        }

        return reader.Failed ? reader.Position : reader.Position + (long)length;
    }

    public string Text(long end, int keep)
    {
        var inside = Enter(end);
        return reader.Failed ? "" : reader.Text(inside - reader.Position, keep);
    }

    /// <summary>Leaves out the current field's value and says how many bytes it had.</summary>
    public long Skip(long end)
    {
        var start = reader.Position;
        switch (Wire)
        {
            case Wire.Varint:
                Varint(end);
                break;
            case Wire.Bytes:
                var inside = Enter(end);
                start = reader.Position;
                reader.Skip(inside - start);
                break;
            default:
                var size = Wire == Wire.Fixed64 ? 8 : 4;
                if (size > end - reader.Position)
                {
                    reader.Fail($"{rule}.length", $"field {Field} is longer than the message around it");
                }

                reader.Skip(size);
                break;
        }

        return reader.Position - start;
    }

    /// <summary>One number of the current field, or each of a packed list of them.</summary>
    public void Numbers(long end, Action<long> each)
    {
        if (Wire != Wire.Bytes)
        {
            each((long)Number(end));
            return;
        }

        var inside = Enter(end);
        while (!reader.Failed && reader.Position < inside)
        {
            each((long)Varint(inside));
        }
    }

    private ulong Varint(long end)
    {
        var start = reader.Position;
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (reader.Position >= end)
            {
                reader.Fail($"{rule}.varint", "a number runs over the end of its message", start);
                return 0;
            }

            var part = reader.U8();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        reader.Fail($"{rule}.varint", "a number has more than ten bytes", start);
        return 0;
    }

    private ulong Wrong()
    {
        reader.Fail($"{rule}.wire-type", $"field {Field} has the wire type {Wire}");
        return 0;
    }
}
