using System.Runtime.InteropServices;

namespace ModelGarden.Xet;

/// <summary>
/// The thorough way to find a block's matches: the longest match at every position out of the last occurrences of the next 4, 5 and 6 bytes,
/// then backwards the cheapest way to the end. A match costs three bytes whatever its offset, and what follows never costs more for
/// beginning a byte later, so the longest match of a position is the only one to weigh: the choice is the best there is among what was found.
/// </summary>
internal sealed class Lz4Parser
{
    // In quarters of a byte. A sequence costs a quarter more than its three bytes, because every one costs the reader time.
    private const int LiteralCost = 4;
    private const int MatchCost = 13;
    private const int ShortMatch = 18;

    // A match so long is taken: nothing better is looked for inside it.
    private const int LongEnough = 64;
    private readonly ushort[] _fours = new ushort[Lz4Match.TableSize];
    private readonly ushort[] _fives = new ushort[Lz4Match.TableSize];
    private readonly ushort[] _sixes = new ushort[Lz4Match.TableSize];
    private readonly int[] _costs = new int[Lz4Encoder.MaximumSource + 1];
    private readonly ushort[] _lengths = new ushort[Lz4Encoder.MaximumSource];
    private readonly ushort[] _offsets = new ushort[Lz4Encoder.MaximumSource];

    /// <summary>Adds the sequences of <paramref name="start"/> to <paramref name="limit"/>; none begins at or behind <paramref name="last"/>.</summary>
    /// <param name="sequences">Takes them.</param>
    /// <param name="source">The whole block's source.</param>
    /// <param name="start">First byte of the region.</param>
    /// <param name="last">At least 12 bytes before the end of <paramref name="source"/>.</param>
    /// <param name="limit">Where the region's matches end at the latest.</param>
    public bool Add(ref Lz4Sequences sequences, ReadOnlySpan<byte> source, int start, int last, int limit)
    {
        Find(source, start, last, limit);
        Choose(start, last, limit);
        for (var at = start; at < last;)
        {
            int length = _lengths[at];
            if (length != 1 && !sequences.Add(at, length, _offsets[at]))
            {
                return false;
            }

            at += length;
        }

        return true;
    }

    // A length of 1 stands for a literal.
    private void Find(ReadOnlySpan<byte> source, int start, int last, int limit)
    {
        ClearTables();
        ref var bytes = ref MemoryMarshal.GetReference(source);
        var (fours, fives, sixes, lengths, offsets) = (_fours, _fives, _sixes, _lengths, _offsets);
        for (var at = start; at < last;)
        {
            var next = Lz4Match.Next8(ref bytes, at);
            var six = Lz4Match.Exchange(ref Lz4Match.Entry(sixes, next, 6), ref bytes, next, at);
            var five = Lz4Match.Exchange(ref Lz4Match.Entry(fives, next, 5), ref bytes, next, at);
            var four = Lz4Match.Exchange(ref Lz4Match.Entry(fours, next, 4), ref bytes, next, at);
            var found = Lz4Match.Longer(six, Lz4Match.Longer(five, four));
            var length = Math.Min(Lz4Match.Measure(found, ref bytes, at, limit), ushort.MaxValue);
            lengths[at] = (ushort)(length < Lz4Block.MinimumMatch ? 1 : length);
            offsets[at] = (ushort)(at - Lz4Match.Position(found));
            at += length < LongEnough ? 1 : Fill(at, Math.Min(length, last - at));
        }
    }

    // What an earlier chunk left must not show in this one's encoding.
    private void ClearTables()
    {
        _fours.AsSpan().Clear();
        _fives.AsSpan().Clear();
        _sixes.AsSpan().Clear();
    }

    // The positions inside a long match get the rest of it. Returns how many positions are done.
    private int Fill(int at, int length)
    {
        for (var n = 1; n < length; n++)
        {
            var rest = _lengths[at] - n;
            _lengths[at + n] = (ushort)(rest < Lz4Block.MinimumMatch ? 1 : rest);
            _offsets[at + n] = _offsets[at];
        }

        return length;
    }

    private void Choose(int start, int last, int limit)
    {
        var (costs, lengths) = (_costs, _lengths);
        for (var at = limit; at >= last; at--)
        {
            costs[at] = (limit - at) * LiteralCost;
        }

        var behind = costs[last];
        for (var at = last - 1; at >= start; at--)
        {
            int length = lengths[at];
            var (literal, match) = (behind + LiteralCost, costs[at + length] + MatchCost);
            if (length > ShortMatch)
            {
                match += (length + 236) / 255 * LiteralCost;
            }

            // Which is cheaper cannot be predicted: no branch.
            var wins = (match - literal) >> 31;
            behind = literal + ((match - literal) & wins);
            costs[at] = behind;
            lengths[at] = (ushort)(1 + ((length - 1) & wins));
        }
    }
}
