using ModelGarden.Search.Engines.Embedded.Files;

namespace ModelGarden.Search.Engines.Embedded.Segments;

/// <summary>Numbers keys as they come, from 0 on.</summary>
internal sealed class TermTable
{
    private int[] _slots = new int[1024];
    private byte[] _keys = new byte[8192];
    private int[] _ends = new int[512];
    private uint[] _hashes = new uint[512];
    private int _length;

    public int Count { get; private set; }

    public ReadOnlySpan<byte> this[int term] => _keys.AsSpan((term is 0 ? 0 : _ends[term - 1]).._ends[term]);

    public int Number(ReadOnlySpan<byte> key)
    {
        var hash = Checksum.Of(key);
        var slot = (int)hash & (_slots.Length - 1);
        while (_slots[slot] is > 0 and var term)
        {
            if (_hashes[term - 1] == hash && this[term - 1].SequenceEqual(key))
            {
                return term - 1;
            }

            slot = (slot + 1) & (_slots.Length - 1);
        }

        _slots[slot] = Count + 1;
        return Append(key, hash);
    }

    /// <summary>The numbers in the order of their keys.</summary>
    public int[] Sorted()
    {
        var (heads, terms) = (new ulong[Count], new int[Count]);
        for (var term = 0; term < Count; term++)
        {
            (heads[term], terms[term]) = (Head(this[term]), term);
        }

        Array.Sort(heads, terms);
        for (int start = 0, end; start < Count; start = end)
        {
            end = start + 1;
            while (end < Count && heads[end] == heads[start])
            {
                end++;
            }

            terms.AsSpan(start, end - start).Sort((left, right) => this[left].SequenceCompareTo(this[right]));
        }

        return terms;
    }

    /// <summary>The first eight bytes, by which most are told apart.</summary>
    private static ulong Head(ReadOnlySpan<byte> key)
    {
        ulong head = 0;
        for (var i = 0; i < sizeof(ulong); i++)
        {
            head = (head << 8) | (i < key.Length ? key[i] : 0u);
        }

        return head;
    }

    private int Append(ReadOnlySpan<byte> key, uint hash)
    {
        if (_length + key.Length > _keys.Length)
        {
            Array.Resize(ref _keys, Math.Max(_keys.Length * 2, _length + key.Length));
        }

        if (Count == _ends.Length)
        {
            Array.Resize(ref _ends, Count * 2);
            Array.Resize(ref _hashes, Count * 2);
        }

        key.CopyTo(_keys.AsSpan(_length));
        (_length, _hashes[Count]) = (_length + key.Length, hash);
        _ends[Count++] = _length;
        if (Count * 2 > _slots.Length)
        {
            Rehash();
        }

        return Count - 1;
    }

    private void Rehash()
    {
        _slots = new int[_slots.Length * 2];
        for (var term = 0; term < Count; term++)
        {
            var slot = (int)_hashes[term] & (_slots.Length - 1);
            while (_slots[slot] > 0)
            {
                slot = (slot + 1) & (_slots.Length - 1);
            }

            _slots[slot] = term + 1;
        }
    }
}
