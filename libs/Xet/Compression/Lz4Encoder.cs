using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGarden.Xet;

/// <summary>Writes LZ4 blocks. Holds its tables (about 2.2 MiB) and allocates nothing after that; not for two threads at once.</summary>
public sealed class Lz4Encoder
{
    /// <summary>The longest source, in bytes.</summary>
    public const int MaximumSource = 256 * 1024;

    // LZ4's own rules: the last match begins 12 bytes before the end and leaves five literals.
    private const int LastStart = 12;
    private const int LastLiterals = 5;
    private const int FastBits = 12;
    private const int FastPatience = 6;
    private readonly ushort[] _recent = new ushort[1 << FastBits];
    private readonly Lz4LazySearch _lazy = new();
    private readonly Lz4Parser _parser = new();

    /// <summary>Encodes <paramref name="source"/> as one block. The same source and plan give the same block.</summary>
    /// <param name="source">At most <see cref="MaximumSource"/> bytes.</param>
    /// <param name="target">Takes the block: its length is the most that the block may have.</param>
    /// <param name="plan">The regions of <paramref name="source"/> in order; what is behind the last is copied.</param>
    /// <returns>The block's length, or 0 when it does not fit.</returns>
    public int Encode(ReadOnlySpan<byte> source, Span<byte> target, scoped ReadOnlySpan<Lz4Region> plan)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(source.Length, MaximumSource, nameof(source));
        var sequences = new Lz4Sequences(source, target);
        var start = 0;
        foreach (var region in plan)
        {
            if (!Add(ref sequences, source, start, region))
            {
                return 0;
            }

            start = region.End;
        }

        return sequences.Finish();
    }

    private bool Add(ref Lz4Sequences sequences, ReadOnlySpan<byte> source, int start, Lz4Region region)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(region.End, source.Length, nameof(region));
        var (last, limit) = (Math.Min(region.End, source.Length - LastStart), Math.Min(region.End, source.Length - LastLiterals));
        return region.Effort switch
        {
            _ when last <= start => true,
            Lz4Effort.Fast => Skim(ref sequences, source, start, last, limit),
            Lz4Effort.Lazy => _lazy.Add(ref sequences, source, start, last, limit),
            Lz4Effort.Thorough => _parser.Add(ref sequences, source, start, last, limit),
            _ => true,
        };
    }

    // Greedy, with one candidate a position; the step grows by one with every 64 misses.
    private bool Skim(ref Lz4Sequences sequences, ReadOnlySpan<byte> source, int at, int last, int limit)
    {
        _recent.AsSpan().Clear();
        ref var bytes = ref MemoryMarshal.GetReference(source);
        ref var recent = ref MemoryMarshal.GetArrayDataReference(_recent);
        for (var misses = 1 << FastPatience; at < last;)
        {
            var four = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref bytes, at));
            ref var entry = ref Unsafe.Add(ref recent, (nint)((four * 2654435761) >> (32 - FastBits)));
            var candidate = at - ((at - entry) & 0xFFFF);
            entry = (ushort)at;
            if (candidate < 0 || candidate == at || Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref bytes, candidate)) != four)
            {
                at += misses++ >> FastPatience;
                continue;
            }

            var back = Backwards(ref bytes, at, candidate, sequences.Anchor);
            var length = back + Lz4Match.Common(ref bytes, at, candidate, limit);
            if (length >= Lz4Block.MinimumMatch && !sequences.Add(at - back, length, at - candidate))
            {
                return false;
            }

            at += Math.Max(length - back, 1);
            misses = 1 << FastPatience;
        }

        return true;
    }

    // How many literals before a match belong to it: steps may have passed its beginning.
    private static int Backwards(ref byte bytes, int at, int candidate, int anchor)
    {
        var back = 0;
        while (at - back > anchor && candidate - back > 0 && Unsafe.Add(ref bytes, at - back - 1) == Unsafe.Add(ref bytes, candidate - back - 1))
        {
            back++;
        }

        return back;
    }
}
