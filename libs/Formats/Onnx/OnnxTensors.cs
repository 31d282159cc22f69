using ModelGarden.Formats.IO;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Onnx;

/// <summary>Reads what ONNX says of tensors: type, shape, where the bytes are; the bytes themselves are passed over.</summary>
internal sealed class OnnxTensors(ByteReader reader, Findings findings)
{
    private const int MaximumRank = 64;
    private const int MaximumNames = 4096;
    private const int MaximumText = 512;
    private const ulong MaximumPlace = 1UL << 50;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _externalFiles = new(StringComparer.Ordinal);

    public long Count { get; private set; }

    /// <summary>Those whose type and shape make sense.</summary>
    public Tally Initializers { get; } = new();

    public IReadOnlyList<string> ExternalFiles => [.. _externalFiles];

    public bool IsInitializer(string name) => _names.Contains(name);

    public void Read(ProtoReader proto, long end, bool isInitializer)
    {
        var tensor = new Tensor { Start = reader.Position };
        while (proto.Next(end))
        {
            ReadField(proto, end, tensor);
        }

        tensor.Length = reader.Position - tensor.Start;
        if (reader.Failed)
        {
            return;
        }

        Check(tensor, isInitializer);
        if (isInitializer)
        {
            Count++;
            if (_names.Count < MaximumNames)
            {
                _names.Add(tensor.Name);
            }
        }
    }

    private void ReadField(ProtoReader proto, long end, Tensor tensor)
    {
        switch (proto.Field)
        {
            case 1:
                proto.Numbers(end, dimension => AddDimension(tensor, dimension));
                break;
            case 2:
                tensor.Type = (long)proto.Number(end);
                break;
            case 8:
                tensor.Name = proto.Text(end, MaximumText);
                break;
            case 9:
                tensor.RawLength = proto.Skip(end);
                break;
            case 13:
                ReadExternal(proto, proto.Enter(end), tensor);
                break;
            case 14:
                tensor.IsExternal = proto.Number(end) == 1;
                break;
            default:
                proto.Skip(end);
                break;
        }
    }

    private void AddDimension(Tensor tensor, long dimension)
    {
        if (tensor.Shape.Count == MaximumRank)
        {
            reader.Fail("onnx.rank", $"a tensor has more than {MaximumRank} dimensions", tensor.Start);
            return;
        }

        tensor.Shape.Add(dimension);
    }

    private void ReadExternal(ProtoReader proto, long end, Tensor tensor)
    {
        var (key, value) = ("", "");
        while (proto.Next(end))
        {
            switch (proto.Field)
            {
                case 1:
                    key = proto.Text(end, MaximumText);
                    break;
                case 2:
                    value = proto.Text(end, 2 * MaximumText);
                    break;
                default:
                    proto.Skip(end);
                    break;
            }
        }

        if (key is "offset" or "length" && !(ulong.TryParse(value, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) && number <= MaximumPlace))
        {
            findings.Suspicious("onnx.external-place", $"a tensor's bytes are to be read at {key} '{Text.Shorten(value)}' of another file, which is no place in one", tensor.Start);
        }

        if (key == "location")
        {
            tensor.IsExternal = true;
            AddExternal(value, tensor);
        }
    }

    private void AddExternal(string location, Tensor tensor)
    {
        if (FilePath.Create(location).Error is { } error)
        {
            findings.Add(new("onnx.external-path", FindingSeverity.Malicious, $"a tensor's bytes are to be read outside the repository: {error.Message}", tensor.Start));
        }
        else if (_externalFiles.Count < MaximumNames)
        {
            _externalFiles.Add(location);
        }
    }

    private void Check(Tensor tensor, bool isInitializer)
    {
        if (!DataTypes.IsKnown(tensor.Type))
        {
            findings.Suspicious("onnx.data-type", $"tensor '{Text.Shorten(tensor.Name)}' has the data type {tensor.Type}, which ONNX does not know", tensor.Start);
            return;
        }

        var width = DataTypes.Bits(tensor.Type);
        if (Tally.Elements([.. tensor.Shape]) is not { } elements || elements > long.MaxValue / 128 || elements > long.MaxValue - Initializers.Total)
        {
            findings.Suspicious("onnx.shape", $"tensor '{Text.Shorten(tensor.Name)}' has a negative dimension or a size that does not fit 63 bits", tensor.Start);
            return;
        }

        if (tensor is { RawLength: { } raw, IsExternal: false } && width > 0 && raw != ((elements * width) + 7) / 8)
        {
            findings.Suspicious("onnx.size", $"tensor '{Text.Shorten(tensor.Name)}' has {raw} bytes, its shape and type need {((elements * width) + 7) / 8}", tensor.Start);
        }

        if (tensor is { RawLength: null, IsExternal: false } && elements > 8 * tensor.Length)
        {
            findings.Suspicious("onnx.size", $"tensor '{Text.Shorten(tensor.Name)}' claims {elements} elements and has {tensor.Length} bytes in all", tensor.Start);
        }

        if (isInitializer)
        {
            Initializers.Add(tensor.Name, DataTypes.Name(tensor.Type), [.. tensor.Shape], elements);
        }
    }

    private sealed class Tensor
    {
        public required long Start { get; init; }

        public long Length { get; set; }

        public string Name { get; set; } = "";

        public long Type { get; set; }

        public List<long> Shape { get; } = [];

        public long? RawLength { get; set; }

        public bool IsExternal { get; set; }
    }
}
