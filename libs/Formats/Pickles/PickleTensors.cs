using ModelGarden.Formats.Torch;

namespace ModelGarden.Formats.Pickles;

/// <summary>Tensors that pickles of one file make, counted once each: a call is executed once, however often its result is named.</summary>
internal sealed class PickleTensors
{
    private readonly SortedDictionary<string, long> _byType = new(StringComparer.Ordinal);

    public int Total { get; private set; }

    public long Parameters { get; private set; }

    public IReadOnlyDictionary<string, long> ByType => _byType;

    public void Count(TensorSpec tensor)
    {
        if (tensor.IsCounted)
        {
            return;
        }

        tensor.IsCounted = true;
        Total++;
        var elements = Math.Min(tensor.Elements, long.MaxValue - Parameters);
        Parameters += elements;
        _byType[tensor.TypeName] = _byType.GetValueOrDefault(tensor.TypeName) + elements;
    }
}
