using ModelGarden.Kernel;

namespace ModelGarden.Xet;

/// <summary>How much time a <see cref="ChunkEncoder"/> takes for how few bytes.</summary>
public enum EncodingLevel
{
    /// <summary>Every chunk as it is.</summary>
    None,

    /// <summary>The quick search everywhere.</summary>
    Fast,

    /// <summary>The lazy search where a sample says that bytes repeat, the quick one elsewhere.</summary>
    Balanced,

    /// <summary>The thorough search where a sample says that bytes repeat, the quick one elsewhere.</summary>
    Small,

    /// <summary>As balanced, and <see cref="ChunkScheme.Planes"/> where that is shorter: for chunks at rest only.</summary>
    Planes,
}

/// <summary>
/// Writes chunks with the cheapest useful scheme (xet.md 3.2): a sample of the chunk says which schemes can win, and which of those does is
/// tried now and then and remembered between. One for each stream of data; not for two threads at once; allocates nothing per chunk.
/// </summary>
public sealed class ChunkEncoder(EncodingLevel level = EncodingLevel.Balanced)
{
    /// <summary>The most that a chunk takes: its header and itself.</summary>
    public static int MaximumLength(int length) => ChunkHeader.Size + length;

    // A chunk that hardly shrinks costs every reader more than the disk saves.
    private const int LeastSaving = 64;
    private const int Retest = 32;

    // Equal bytes by chance: nothing to find but repetitions, which the quick search sees at once.
    private const double Noise = 1.0 / 160;

    // Nearly one value: the quick search finds all there is.
    private const double Constant = 0.9;

    // Groups are alike if no group's bytes repeat much more often than any two of the chunk's bytes.
    private const double Structure = 1.25;
    private readonly Lz4Encoder _encoder = new();
    private readonly ByteProfile _profile = new();
    private readonly byte[] _grouped = new byte[XetLimits.Chunk];
    private readonly byte[] _other = new byte[XetLimits.Chunk];
    private readonly PlaneEncoder? _planes = level is EncodingLevel.Planes ? new() : null;
    private Kind _last;
    private ChunkScheme _choice;
    private int _untilRetest;

    private enum Kind
    {
        Unknown,
        Noise,
        Uniform,
        Grouped,
    }

    /// <summary>Writes header and payload of a chunk.</summary>
    /// <param name="chunk">1 to <see cref="XetLimits.Chunk"/> bytes.</param>
    /// <param name="target">At least <see cref="MaximumLength"/> bytes.</param>
    /// <returns>The header, which says how many bytes are written.</returns>
    public ChunkHeader Encode(ReadOnlySpan<byte> chunk, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfZero(chunk.Length, nameof(chunk));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chunk.Length, XetLimits.Chunk, nameof(chunk));
        ArgumentOutOfRangeException.ThrowIfLessThan(target.Length, MaximumLength(chunk.Length), nameof(target));
        var payload = target.Slice(ChunkHeader.Size, chunk.Length);
        var (scheme, length) = level == EncodingLevel.None ? (ChunkScheme.None, 0) : Choose(chunk, payload[..^Math.Min(payload.Length, 1 + (chunk.Length / LeastSaving))]);
        if (length == 0)
        {
            (scheme, length) = (ChunkScheme.None, chunk.Length);
            chunk.CopyTo(payload);
        }

        var header = new ChunkHeader(length, scheme, chunk.Length);
        header.Write(target);
        return header;
    }

    private (ChunkScheme Scheme, int Length) Choose(ReadOnlySpan<byte> chunk, Span<byte> payload)
    {
        _profile.Take(chunk);
        var kind = KindOf();
        if (kind != _last || _untilRetest-- <= 0)
        {
            (_last, _untilRetest) = (kind, Retest);
            return Try(kind, chunk, payload);
        }

        return (_choice, With(_choice, chunk, payload));
    }

    private Kind KindOf()
    {
        var strongest = Math.Max(Math.Max(_profile.Group(0), _profile.Group(1)), Math.Max(_profile.Group(2), _profile.Group(3)));
        return strongest < Noise ? Kind.Noise : strongest > _profile.All * Structure ? Kind.Grouped : Kind.Uniform;
    }

    private (ChunkScheme Scheme, int Length) Try(Kind kind, ReadOnlySpan<byte> chunk, Span<byte> payload)
    {
        var best = 0;
        _choice = ChunkScheme.Lz4;
        foreach (var scheme in Candidates(kind))
        {
            var other = _other.AsSpan(0, best == 0 ? payload.Length : best - 1);
            if (With(scheme, chunk, other) is var length and > 0)
            {
                other[..length].CopyTo(payload);
                (_choice, best) = (scheme, length);
            }
        }

        return (_choice, best);
    }

    // Grouping where the groups differ; else it could only tear repetitions apart.
    private ReadOnlySpan<ChunkScheme> Candidates(Kind kind) => (kind, _planes) switch
    {
        (Kind.Noise, _) => [ChunkScheme.Lz4],
        (Kind.Grouped, null) => [ChunkScheme.Lz4, ChunkScheme.ByteGroupedLz4],
        (Kind.Grouped, _) => [ChunkScheme.Lz4, ChunkScheme.ByteGroupedLz4, ChunkScheme.Planes],
        (_, null) => [ChunkScheme.Lz4],
        _ => [ChunkScheme.Lz4, ChunkScheme.Planes],
    };

    private int With(ChunkScheme scheme, ReadOnlySpan<byte> chunk, Span<byte> payload)
    {
        if (scheme == ChunkScheme.Planes)
        {
            return _planes!.Encode(chunk, payload);
        }

        if (scheme == ChunkScheme.Lz4)
        {
            return Lz4Frame.Encode(chunk, payload, _encoder, [new(chunk.Length, Effort(_profile.All))]);
        }

        var grouped = _grouped.AsSpan(0, chunk.Length);
        ByteGrouping.Split(chunk, grouped);
        Span<Lz4Region> plan = stackalloc Lz4Region[4];
        for (var group = 0; group < 4; group++)
        {
            plan[group] = new(ByteGrouping.GroupStart(chunk.Length, group + 1), Effort(_profile.Group(group)));
        }

        return Lz4Frame.Encode(grouped, payload, _encoder, plan);
    }

    private Lz4Effort Effort(double repeats) => level switch
    {
        _ when repeats is < Noise or > Constant => Lz4Effort.Fast,
        EncodingLevel.Balanced or EncodingLevel.Planes => Lz4Effort.Lazy,
        EncodingLevel.Small => Lz4Effort.Thorough,
        _ => Lz4Effort.Fast,
    };
}
