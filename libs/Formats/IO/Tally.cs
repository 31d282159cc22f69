namespace ModelGarden.Formats.IO;

/// <summary>Counts parameters by type and keeps the first tensors: as many as fit into a fixed amount of memory.</summary>
internal sealed class Tally
{
    /// <summary>More tensors than any model has; a header that lists more is refused.</summary>
    public const int MaximumTensors = 250_000;

    private const int MaximumKept = 65_536;
    private const int MaximumText = 4 * 1024 * 1024;
    private readonly List<TensorFact> _tensors = [];
    private readonly SortedDictionary<string, long> _byType = new(StringComparer.Ordinal);
    private int _text;

    public IReadOnlyList<TensorFact> Tensors => _tensors;

    public IReadOnlyDictionary<string, long> ByType => _byType;

    public int Count { get; private set; }

    public long Total { get; private set; }

    public string? Dominant => _byType.Count == 0 ? null : _byType.MaxBy(pair => pair.Value).Key;

    /// <summary>Adds a tensor; false when the sum of all no longer fits a number.</summary>
    public bool Add(string name, string type, long[] shape, long elements)
    {
        Count++;
        if (elements > long.MaxValue - Total)
        {
            return false;
        }

        Total += elements;
        _byType[type] = _byType.GetValueOrDefault(type) + elements;
        if (_tensors.Count < MaximumKept && _text + name.Length <= MaximumText)
        {
            _text += name.Length;
            _tensors.Add(new(name, type, shape));
        }

        return true;
    }

    /// <summary>The product of dimensions; nothing when one is negative or the product does not fit.</summary>
    public static long? Elements(ReadOnlySpan<long> shape)
    {
        // A zero makes the product zero whatever the others are, so it must not hide an overflow that a loader would meet first.
        var product = 1L;
        foreach (var dimension in shape)
        {
            if (dimension < 0 || (Math.Max(dimension, 1) is var factor && product > long.MaxValue / factor))
            {
                return null;
            }

            product *= Math.Max(dimension, 1);
        }

        return shape.Contains(0) ? 0 : product;
    }
}
