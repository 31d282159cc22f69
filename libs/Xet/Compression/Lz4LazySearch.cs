using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGarden.Xet;

/// <summary>
/// The middle way to find a block's matches: the longer of the last occurrences of the next 4 and 6 bytes, put off as long as the next
/// position has a longer one. On exponents of weights a third of <see cref="Lz4Parser"/>'s time for nine tenths of its saving.
/// </summary>
internal sealed class Lz4LazySearch
{
    private readonly ushort[] _fours = new ushort[Lz4Match.TableSize];
    private readonly ushort[] _sixes = new ushort[Lz4Match.TableSize];

    /// <summary>Adds the sequences of a region, as <see cref="Lz4Parser.Add"/> does.</summary>
    public bool Add(ref Lz4Sequences sequences, ReadOnlySpan<byte> source, int start, int last, int limit)
    {
        _fours.AsSpan().Clear();
        _sixes.AsSpan().Clear();
        ref var bytes = ref MemoryMarshal.GetReference(source);
        var (fours, sixes) = (_fours, _sixes);
        for (var at = start; at < last;)
        {
            var found = Find(fours, sixes, ref bytes, at);
            if (Lz4Match.Length(found) < Lz4Block.MinimumMatch)
            {
                at++;
                continue;
            }

            for (; at + 1 < last; at++)
            {
                var next = Find(fours, sixes, ref bytes, at + 1);
                if (Lz4Match.Length(next) <= Lz4Match.Length(found))
                {
                    break;
                }

                found = next;
            }

            var length = Lz4Match.Measure(found, ref bytes, at, limit);
            if (length < Lz4Block.MinimumMatch)
            {
                return true;
            }

            if (!sequences.Add(at, length, at - Lz4Match.Position(found)))
            {
                return false;
            }

            Remember(fours, sixes, ref bytes, at + 2, Math.Min(at + length, last));
            at += length;
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Find(ushort[] fours, ushort[] sixes, ref byte bytes, int at)
    {
        var next = Lz4Match.Next8(ref bytes, at);
        var six = Lz4Match.Exchange(ref Lz4Match.Entry(sixes, next, 6), ref bytes, next, at);
        return Lz4Match.Longer(six, Lz4Match.Exchange(ref Lz4Match.Entry(fours, next, 4), ref bytes, next, at));
    }

    // The positions inside a match, for later ones. Of a long match the last ones do.
    private static void Remember(ushort[] fours, ushort[] sixes, ref byte bytes, int from, int to)
    {
        const int Enough = 64;
        for (var at = Math.Max(from, to - Enough); at < to; at++)
        {
            var next = Lz4Match.Next8(ref bytes, at);
            Lz4Match.Entry(sixes, next, 6) = (ushort)at;
            Lz4Match.Entry(fours, next, 4) = (ushort)at;
        }
    }
}
