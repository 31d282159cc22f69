namespace ModelGarden.Hub.Git;

/// <summary>Applies git's deltas: copies out of a base, and bytes of their own.</summary>
internal static class PackDelta
{
    /// <summary>The size of what a delta makes.</summary>
    public static int ResultSize(ReadOnlySpan<byte> delta)
    {
        var at = 0;
        _ = Size(delta, ref at);
        return Size(delta, ref at);
    }

    public static byte[] Apply(ReadOnlySpan<byte> source, ReadOnlySpan<byte> delta)
    {
        var at = 0;
        if (Size(delta, ref at) != source.Length)
        {
            throw Inflater.Bad("a delta is of another base");
        }

        var result = new byte[Size(delta, ref at)];
        var written = 0;
        while (at < delta.Length)
        {
            var command = delta[at++];
            var part = command >= 0x80 ? Copied(source, delta, command, ref at) : command > 0 ? Own(delta, command, ref at) : throw Inflater.Bad("a delta has the reserved command 0");
            if (part.Length > result.Length - written)
            {
                throw Inflater.Bad("a delta makes more than it announces");
            }

            part.CopyTo(result.AsSpan(written));
            written += part.Length;
        }

        return written == result.Length ? result : throw Inflater.Bad("a delta makes less than it announces");
    }

    private static ReadOnlySpan<byte> Copied(ReadOnlySpan<byte> source, ReadOnlySpan<byte> delta, byte command, ref int at)
    {
        var offset = Number(delta, command & 0x0f, ref at);
        var size = Number(delta, (command >> 4) & 0x07, ref at);
        size = size is 0 ? 0x10000 : size;
        return offset <= source.Length && size <= source.Length - offset ? source.Slice((int)offset, (int)size) : throw Inflater.Bad("a delta copies what its base does not have");
    }

    private static ReadOnlySpan<byte> Own(ReadOnlySpan<byte> delta, byte count, ref int at)
    {
        if (count > delta.Length - at)
        {
            throw Inflater.Bad("a delta ends within its own bytes");
        }

        at += count;
        return delta.Slice(at - count, count);
    }

    // Only the bytes whose bit is set are there, the least first.
    private static long Number(ReadOnlySpan<byte> delta, int present, ref int at)
    {
        var number = 0L;
        for (var i = 0; present >> i > 0; i++)
        {
            if (((present >> i) & 1) is 1)
            {
                number |= (long)Byte(delta, ref at) << (8 * i);
            }
        }

        return number;
    }

    private static int Size(ReadOnlySpan<byte> delta, ref int at)
    {
        var size = 0L;
        for (var shift = 0; ; shift += 7)
        {
            var one = Byte(delta, ref at);
            size |= (long)(one & 0x7f) << shift;
            if (size > PackFile.MaximumObject)
            {
                throw PackFile.TooLarge(size);
            }

            if (one < 0x80)
            {
                return (int)size;
            }

            if (shift > 28)
            {
                throw Inflater.Bad("a delta's size has no end");
            }
        }
    }

    private static byte Byte(ReadOnlySpan<byte> delta, ref int at) => at < delta.Length ? delta[at++] : throw Inflater.Bad("a delta ends too early");
}
