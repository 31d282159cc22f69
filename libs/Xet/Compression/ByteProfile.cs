using System.Runtime.CompilerServices;

namespace ModelGarden.Xet;

/// <summary>
/// What a sample of a chunk's words tells about its bytes: how often two bytes of the same position modulo 4 are equal, and how often any two
/// are. Random bytes: 1 in 256. Exponents of weights: 1 in 5. Text: 1 in 15.
/// </summary>
internal sealed class ByteProfile
{
    private const int Words = 512;
    private const int Runs = 16;
    private readonly ushort[] _counts = new ushort[5 * 256];
    private readonly double[] _repeats = new double[5];

    /// <summary>How probably two bytes at position <paramref name="group"/> modulo 4 are equal, 0 to 1.</summary>
    public double Group(int group) => _repeats[group];

    /// <summary>How probably two bytes are equal, 0 to 1.</summary>
    public double All => _repeats[4];

    /// <summary>Takes a sample, spread over the chunk, of at least 2 KiB or all of it.</summary>
    public void Take(ReadOnlySpan<byte> chunk)
    {
        _counts.AsSpan().Clear();
        var words = chunk.Length / 4;
        var (runs, length) = words <= Words ? (1, words) : (Runs, Words / Runs);
        Span<int> squares = [0, 0, 0, 0];
        for (var run = 0; run < runs; run++)
        {
            var start = runs == 1 ? 0 : (int)((long)(words - length) * run / (runs - 1));
            Add(chunk.Slice(4 * start, 4 * length), squares);
        }

        Conclude(runs * length, squares);
    }

    // The sum of squares grows by 2c + 1 when a count c does: no second pass over the counts of a group.
    private void Add(ReadOnlySpan<byte> words, Span<int> squares)
    {
        var counts = _counts.AsSpan(0, 4 * 256);
        var (a, b, c, d) = (squares[0], squares[1], squares[2], squares[3]);
        for (; words.Length >= 4; words = words[4..])
        {
            a += (2 * counts[words[0]]++) + 1;
            b += (2 * counts[256 + words[1]]++) + 1;
            c += (2 * counts[512 + words[2]]++) + 1;
            d += (2 * counts[768 + words[3]]++) + 1;
        }

        (squares[0], squares[1], squares[2], squares[3]) = (a, b, c, d);
    }

    private void Conclude(int words, ReadOnlySpan<int> squares)
    {
        for (var group = 0; group < 4; group++)
        {
            _repeats[group] = Probability(squares[group], words);
        }

        long all = 0;
        for (var value = 0; value < 256; value++)
        {
            long count = _counts[value] + _counts[256 + value] + _counts[512 + value] + _counts[768 + value];
            all += count * count;
        }

        _repeats[4] = Probability(all, 4 * words);
    }

    private static double Probability(long squares, int count) => count < 2 ? 0 : (squares - count) / ((double)count * (count - 1));
}
