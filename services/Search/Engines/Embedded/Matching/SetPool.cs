using System.Buffers;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>Lends sets of rows to a query, which gives all back at its end.</summary>
internal sealed class SetPool : IDisposable
{
    private readonly List<ulong[]> _lent = [];

    /// <summary>A set without rows, at least so long.</summary>
    public ulong[] Empty(int words)
    {
        var set = Lend(words);
        set.AsSpan(0, words).Clear();
        return set;
    }

    public ulong[] CopyOf(ReadOnlySpan<ulong> set)
    {
        var copy = Lend(set.Length);
        set.CopyTo(copy);
        return copy;
    }

    public void Dispose()
    {
        foreach (var set in _lent)
        {
            ArrayPool<ulong>.Shared.Return(set);
        }
    }

    private ulong[] Lend(int words)
    {
        var set = ArrayPool<ulong>.Shared.Rent(words);
        _lent.Add(set);
        return set;
    }
}
