using System.Buffers;
using System.Runtime.InteropServices;

namespace ModelGarden.Search.Engines.Embedded.Terms;

/// <summary>
/// The sorted keys of all terms, sixteen a block: of each how many bytes it shares with the one before it (the first one of a block: none), how many follow, and
/// these. Lengths are in seven bits a byte, the lowest ones first, as in Protocol Buffers.
/// </summary>
internal readonly ref struct TermDictionary(ReadOnlyMemory<byte> texts, ReadOnlySpan<byte> blocks, int count)
{
    public const int BlockSize = 16;
    private readonly ReadOnlyMemory<byte> _memory = texts;
    private readonly ReadOnlySpan<byte> _texts = texts.Span;
    private readonly ReadOnlySpan<uint> _blocks = MemoryMarshal.Cast<byte, uint>(blocks);

    /// <summary>The place of the first key that is not less.</summary>
    public int FirstNotLess(ReadOnlySpan<byte> key)
    {
        var block = LastBlockBefore(key);
        if (block < 0)
        {
            return 0;
        }

        var cursor = At(block * BlockSize);
        while (cursor.Place < count && cursor.Key.SequenceCompareTo(key) < 0)
        {
            cursor.MoveNext();
        }

        cursor.Dispose();
        return cursor.Place;
    }

    /// <summary>The places of the keys that begin so.</summary>
    public (int First, int End) BeginningWith(ReadOnlySpan<byte> prefix) => (FirstNotLess(prefix), FirstNotLess(TermKey.After(prefix)));

    /// <summary>The place of this key; -1: it is not there.</summary>
    public int Find(ReadOnlySpan<byte> key)
    {
        var place = FirstNotLess(key);
        if (place == count)
        {
            return -1;
        }

        using var cursor = At(place);
        return cursor.Key.SequenceEqual(key) ? place : -1;
    }

    /// <summary>A cursor that stands on this key.</summary>
    public Cursor At(int place)
    {
        var cursor = new Cursor(_memory, (int)_blocks[place / BlockSize], place - (place % BlockSize), count);
        while (cursor.Place < place)
        {
            cursor.MoveNext();
        }

        return cursor;
    }

    public byte[] KeyAt(int place)
    {
        using var cursor = At(place);
        return cursor.Key.ToArray();
    }

    private int LastBlockBefore(ReadOnlySpan<byte> key)
    {
        var (low, high) = (0, _blocks.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = FirstKey(middle).SequenceCompareTo(key) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low - 1;
    }

    private ReadOnlySpan<byte> FirstKey(int block)
    {
        var at = (int)_blocks[block] + 1;
        var length = ReadLength(_texts, ref at);
        return _texts.Slice(at, length);
    }

    private static int ReadLength(ReadOnlySpan<byte> texts, ref int at)
    {
        var (length, shift) = (0, 0);
        while (true)
        {
            var part = texts[at++];
            length |= (part & 0x7F) << shift;
            if (part < 0x80)
            {
                return length;
            }

            shift += 7;
        }
    }

    /// <summary>Goes from key to key; to be disposed of.</summary>
    public struct Cursor : IDisposable
    {
        private readonly ReadOnlyMemory<byte> _texts;
        private readonly int _count;
        private byte[] _key = ArrayPool<byte>.Shared.Rent(256);
        private int _length;
        private int _at;

        public Cursor(ReadOnlyMemory<byte> texts, int at, int place, int count)
        {
            (_texts, _at, _count, Place) = (texts, at, count, place - 1);
            MoveNext();
        }

        public int Place { get; private set; }

        public readonly ReadOnlySpan<byte> Key => _key.AsSpan(0, _length);

        public bool MoveNext()
        {
            if (++Place >= _count)
            {
                return false;
            }

            var texts = _texts.Span;
            var (shared, added) = (ReadLength(texts, ref _at), ReadLength(texts, ref _at));
            var rest = texts.Slice(_at, added);
            Grow(shared <= _length ? shared + added : throw new InvalidDataException("a term shares more with the one before it than that has"));
            rest.CopyTo(_key.AsSpan(shared));
            (_at, _length) = (_at + added, shared + added);
            return true;
        }

        public readonly void Dispose() => ArrayPool<byte>.Shared.Return(_key);

        private void Grow(int length)
        {
            if (length > _key.Length)
            {
                var longer = ArrayPool<byte>.Shared.Rent(length);
                _key.AsSpan(0, _length).CopyTo(longer);
                ArrayPool<byte>.Shared.Return(_key);
                _key = longer;
            }
        }
    }
}

/// <summary>Writes what <see cref="TermDictionary"/> reads.</summary>
internal sealed class TermDictionaryWriter
{
    private readonly ArrayBufferWriter<byte> _texts = new();
    private readonly List<uint> _blocks = [];
    private byte[] _last = [];
    private int _lastLength;

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Texts => _texts.WrittenSpan;

    public ReadOnlySpan<uint> Blocks => CollectionsMarshal.AsSpan(_blocks);

    /// <summary>Keys come in their order, each once.</summary>
    public void Add(ReadOnlySpan<byte> key)
    {
        var shared = 0;
        if (Count++ % TermDictionary.BlockSize is 0)
        {
            _blocks.Add((uint)_texts.WrittenCount);
        }
        else
        {
            shared = key.CommonPrefixLength(_last.AsSpan(0, _lastLength));
        }

        WriteLength(shared);
        WriteLength(key.Length - shared);
        _texts.Write(key[shared..]);
        if (_last.Length < key.Length)
        {
            _last = new byte[key.Length * 2];
        }

        key.CopyTo(_last);
        _lastLength = key.Length;
    }

    private void WriteLength(int length)
    {
        while (length >= 0x80)
        {
            WriteByte((byte)(length | 0x80));
            length >>= 7;
        }

        WriteByte((byte)length);
    }

    private void WriteByte(byte value)
    {
        _texts.GetSpan(1)[0] = value;
        _texts.Advance(1);
    }
}
