namespace ModelGarden.Xet;

/// <summary>
/// A canonical Huffman code over bytes, with codes of at most 11 bits: shorter codes first, within a length by value. Bits go into a stream
/// lowest first, so that codes are kept reversed. Reused from group to group.
/// </summary>
internal sealed class HuffmanCode
{
    public const int Values = 256;
    private const int TableSize = 1 << PlaneFormat.LongestCode;

    /// <summary>The length of each value's code in bits; 0: the value does not occur.</summary>
    public byte[] Lengths { get; } = new byte[Values];

    /// <summary>Each value's code, first bit lowest.</summary>
    public ushort[] Codes { get; } = new ushort[Values];

    /// <summary>For the next 11 bits: the value that they begin with, and above it its code's length.</summary>
    public ushort[] Table { get; } = new ushort[TableSize];

    private readonly int[] _order = new int[Values];
    private readonly long[] _weights = new long[2 * Values];
    private readonly int[] _parents = new int[2 * Values];
    private readonly int[] _counts = new int[Values];

    /// <summary>Makes the best code for values that occur so often, of which there are at least two. Returns how many bits all of them take.</summary>
    public long Make(ReadOnlySpan<int> counts)
    {
        counts.CopyTo(_counts);

        // Codes that come out too long: rare values are taken for less rare until they fit. All alike have 8 bits.
        while (!TryMake())
        {
            for (var value = 0; value < Values; value++)
            {
                _counts[value] = (_counts[value] + 1) / 2;
            }
        }

        AssignCodes();
        var bits = 0L;
        for (var value = 0; value < Values; value++)
        {
            bits += (long)counts[value] * Lengths[value];
        }

        return bits;
    }

    /// <summary>Fills the table of a code whose lengths were read. False: they are those of no complete code.</summary>
    public bool TryFillTable()
    {
        var sum = 0;
        foreach (var length in Lengths)
        {
            sum += length == 0 ? 0 : length > PlaneFormat.LongestCode ? TableSize + 1 : TableSize >> length;
        }

        if (sum != TableSize)
        {
            return false;
        }

        AssignCodes();
        for (var value = 0; value < Values; value++)
        {
            FillTable(value, Lengths[value]);
        }

        return true;
    }

    private void FillTable(int value, int length)
    {
        var entry = (ushort)(value | (length << 8));
        for (int bits = Codes[value]; length != 0 && bits < TableSize; bits += 1 << length)
        {
            Table[bits] = entry;
        }
    }

    // Huffman's algorithm with two queues: values by weight, and the inner nodes, which come out by weight of themselves.
    private bool TryMake()
    {
        var leaves = Sort();
        var (leaf, inner, next) = (0, leaves, leaves);
        for (; next < (2 * leaves) - 1; next++)
        {
            var (a, b) = (Lightest(ref leaf, leaves, ref inner, next), Lightest(ref leaf, leaves, ref inner, next));
            _weights[next] = _weights[a] + _weights[b];
            (_parents[a], _parents[b]) = (next, next);
        }

        return TrySetLengths(leaves, next - 1);
    }

    private int Sort()
    {
        var leaves = 0;
        for (var value = 0; value < Values; value++)
        {
            if (_counts[value] > 0)
            {
                _order[leaves++] = (_counts[value] << 8) | value;
            }
        }

        _order.AsSpan(0, leaves).Sort();
        for (var n = 0; n < leaves; n++)
        {
            _weights[n] = _order[n] >> 8;
        }

        return leaves;
    }

    private int Lightest(ref int leaf, int leaves, ref int inner, int end) =>
        inner == end || (leaf < leaves && _weights[leaf] <= _weights[inner]) ? leaf++ : inner++;

    // Parents stand behind their children: depths are known from the root down.
    private bool TrySetLengths(int leaves, int root)
    {
        Array.Clear(Lengths);
        _weights[root] = 0;
        for (var node = root - 1; node >= 0; node--)
        {
            _weights[node] = _weights[_parents[node]] + 1;
            if (node < leaves)
            {
                Lengths[_order[node] & 0xFF] = (byte)_weights[node];
            }
        }

        return Lengths.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)PlaneFormat.LongestCode) < 0;
    }

    private void AssignCodes()
    {
        var code = 0;
        for (var length = 1; length <= PlaneFormat.LongestCode; length++, code <<= 1)
        {
            for (var value = 0; value < Values; value++)
            {
                if (Lengths[value] == length)
                {
                    Codes[value] = Reverse(code++, length);
                }
            }
        }
    }

    private static ushort Reverse(int code, int length)
    {
        var reversed = 0;
        for (var bit = 0; bit < length; bit++)
        {
            reversed = (reversed << 1) | ((code >> bit) & 1);
        }

        return (ushort)reversed;
    }
}
