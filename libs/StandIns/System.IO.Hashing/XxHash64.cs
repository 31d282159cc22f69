using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace System.IO.Hashing;

/// <summary>XXH64 as the public xxHash specification has it; the hash's bytes are big-endian.</summary>
public sealed class XxHash64 : NonCryptographicHashAlgorithm
{
    private const int StripeLength = 32;
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;
    private const ulong Prime4 = 0x85EBCA77C2B2AE63;
    private const ulong Prime5 = 0x27D4EB2F165667C5;

    private readonly ulong _seed;
    private readonly byte[] _pending = new byte[StripeLength];
    private int _pendingLength;
    private ulong _totalLength;
    private ulong _lane1;
    private ulong _lane2;
    private ulong _lane3;
    private ulong _lane4;

    public XxHash64()
        : this(0)
    {
    }

    public XxHash64(long seed)
        : base(sizeof(ulong))
    {
        _seed = (ulong)seed;
        Reset();
    }

    public static byte[] Hash(byte[] source) => Hash(source, 0);

    public static byte[] Hash(byte[] source, long seed)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Hash(source.AsSpan(), seed);
    }

    public static byte[] Hash(ReadOnlySpan<byte> source, long seed = 0)
    {
        var hash = new XxHash64(seed);
        hash.Append(source);
        return hash.GetCurrentHash();
    }

    public override void Reset()
    {
        _lane1 = _seed + Prime1 + Prime2;
        _lane2 = _seed + Prime2;
        _lane3 = _seed;
        _lane4 = _seed - Prime1;
        _totalLength = 0;
        _pendingLength = 0;
    }

    public override void Append(ReadOnlySpan<byte> source)
    {
        _totalLength += (ulong)source.Length;
        if (_pendingLength > 0)
        {
            var taken = Math.Min(StripeLength - _pendingLength, source.Length);
            source[..taken].CopyTo(_pending.AsSpan(_pendingLength));
            _pendingLength += taken;
            source = source[taken..];
            if (_pendingLength < StripeLength)
            {
                return;
            }

            AppendStripe(_pending);
        }

        for (; source.Length >= StripeLength; source = source[StripeLength..])
        {
            AppendStripe(source);
        }

        source.CopyTo(_pending);
        _pendingLength = source.Length;
    }

    public ulong GetCurrentHashAsUInt64()
    {
        var hash = _totalLength >= StripeLength ? MergeLanes() : _seed + Prime5;
        return Avalanche(AddRest(hash + _totalLength, _pending.AsSpan(0, _pendingLength)));
    }

    protected override void GetCurrentHashCore(Span<byte> destination) =>
        BinaryPrimitives.WriteUInt64BigEndian(destination, GetCurrentHashAsUInt64());

    private void AppendStripe(ReadOnlySpan<byte> stripe)
    {
        _lane1 = Round(_lane1, BinaryPrimitives.ReadUInt64LittleEndian(stripe));
        _lane2 = Round(_lane2, BinaryPrimitives.ReadUInt64LittleEndian(stripe[8..]));
        _lane3 = Round(_lane3, BinaryPrimitives.ReadUInt64LittleEndian(stripe[16..]));
        _lane4 = Round(_lane4, BinaryPrimitives.ReadUInt64LittleEndian(stripe[24..]));
    }

    private ulong MergeLanes()
    {
        var hash = BitOperations.RotateLeft(_lane1, 1) + BitOperations.RotateLeft(_lane2, 7)
            + BitOperations.RotateLeft(_lane3, 12) + BitOperations.RotateLeft(_lane4, 18);
        hash = Merge(hash, _lane1);
        hash = Merge(hash, _lane2);
        hash = Merge(hash, _lane3);
        return Merge(hash, _lane4);
    }

    private static ulong AddRest(ulong hash, ReadOnlySpan<byte> rest)
    {
        for (; rest.Length >= sizeof(ulong); rest = rest[sizeof(ulong)..])
        {
            hash ^= Round(0, BinaryPrimitives.ReadUInt64LittleEndian(rest));
            hash = (BitOperations.RotateLeft(hash, 27) * Prime1) + Prime4;
        }

        if (rest.Length >= sizeof(uint))
        {
            hash ^= BinaryPrimitives.ReadUInt32LittleEndian(rest) * Prime1;
            hash = (BitOperations.RotateLeft(hash, 23) * Prime2) + Prime3;
            rest = rest[sizeof(uint)..];
        }

        foreach (var value in rest)
        {
            hash = BitOperations.RotateLeft(hash ^ (value * Prime5), 11) * Prime1;
        }

        return hash;
    }

    private static ulong Avalanche(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * Prime2;
        hash = (hash ^ (hash >> 29)) * Prime3;
        return hash ^ (hash >> 32);
    }

    private static ulong Merge(ulong hash, ulong lane) => ((hash ^ Round(0, lane)) * Prime1) + Prime4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Round(ulong lane, ulong value) => BitOperations.RotateLeft(lane + (value * Prime2), 31) * Prime1;
}
