namespace ModelGarden.Xet;

/// <summary>
/// Says where the content of a file cuts it into chunks. It carries its state from one read to the next: how the file comes in pieces never
/// matters. The end of the file ends the last chunk. Not for several threads at once.
/// </summary>
public sealed class GearChunker
{
    /// <summary>No content cuts a chunk shorter than this; a file's last chunk may be.</summary>
    public const int MinimumLength = 8 * 1024;

    /// <summary>What chunks of random bytes are long, on average, beyond the minimum.</summary>
    public const int TargetLength = 64 * 1024;

    /// <summary>A chunk is cut here, whatever its content.</summary>
    public const int MaximumLength = 128 * 1024;

    // The hash forgets a byte after 64 more: only these last ones before the first place to cut can matter.
    private const int Skipped = MinimumLength - GearScan.Window - 1;

    private ulong _hash;

    /// <summary>The bytes of the current chunk that were scanned so far: 0 right after a boundary.</summary>
    public int Length { get; private set; }

    /// <summary>
    /// How many of <paramref name="data"/>'s first bytes belong to the current chunk; all of them, if no <paramref name="boundary"/> is among
    /// them. With one, the chunk ends after them, and the rest is to be scanned as the next chunk.
    /// </summary>
    public int Scan(ReadOnlySpan<byte> data, out bool boundary)
    {
        var room = data[..Math.Min(data.Length, MaximumLength - Length)];
        var position = Skip(room, 0, Skipped);
        position = Warm(room, position);
        boundary = Find(room, ref position);
        Length += position;
        boundary |= Length is MaximumLength;
        if (boundary)
        {
            Reset();
        }

        return position;
    }

    /// <summary>Forgets the current chunk: what comes next is the beginning of a file.</summary>
    public void Reset() => (Length, _hash) = (0, 0);

    private int Skip(ReadOnlySpan<byte> data, int position, int until) => Math.Clamp(until - Length, position, data.Length);

    // Hits among these bytes do not count: the chunk would be shorter than the minimum.
    private int Warm(ReadOnlySpan<byte> data, int position)
    {
        var end = Skip(data, position, MinimumLength - 1);
        var table = GearTable.Words;
        for (; position < end; position++)
        {
            _hash = (_hash << 1) + table[data[position]];
        }

        return position;
    }

    private bool Find(ReadOnlySpan<byte> data, ref int position)
    {
        while (data.Length - position >= GearScan.Length && !GearScan.Cuts(data.Slice(position, GearScan.Length), ref _hash))
        {
            position += GearScan.Length;
        }

        var table = GearTable.Words;
        while (position < data.Length)
        {
            _hash = (_hash << 1) + table[data[position++]];
            if (_hash < GearScan.Limit)
            {
                return true;
            }
        }

        return false;
    }
}
