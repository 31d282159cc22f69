using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using ModelGarden.Formats.Pickles;
using ModelGarden.Formats.Torch;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Conversion;

/// <summary>A tensor of the target.</summary>
/// <param name="Name">Its path in the checkpoint.</param>
/// <param name="Type">The word of safetensors.</param>
/// <param name="Spec">Which elements of which storage it shows.</param>
/// <param name="Offset">Where its first element lies in the source, in bytes.</param>
internal sealed record PlannedTensor(string Name, string Type, TensorSpec Spec, long Offset)
{
    public int Width => Spec.Type!.Width;

    public long Length => Spec.Elements * Width;
}

/// <summary>What will be written, or why nothing can be: decided before the first byte.</summary>
internal sealed class ConversionPlan
{
    private const int MaximumTensors = 250_000;
    private const int MaximumValues = 1000;
    private const int MaximumValue = 1024;
    private const int MaximumTies = 1000;
    private const int MaximumHeader = 100_000_000;

    // What shares memory is written out each time: a tensor of one element can claim to be a million of them.
    private const int MaximumGrowth = 16;
    private const long FreeGrowth = 16 * 1024 * 1024;
    private const string Reserved = "__metadata__";
    private readonly SortedDictionary<string, string> _metadata = new(StringComparer.Ordinal) { ["format"] = "pt" };

    private ConversionPlan(List<PlannedTensor> tensors, IReadOnlyList<IReadOnlyList<string>> ties) => (Tensors, Ties) = (tensors, ties);

    public IReadOnlyList<PlannedTensor> Tensors { get; }

    public IReadOnlyList<IReadOnlyList<string>> Ties { get; }

    /// <summary>The header of the target with its length before it, padded with spaces to eight bytes.</summary>
    public byte[] Header { get; private set; } = [];

    public int ValuesKept { get; private set; }

    public int ValuesLeftOut { get; private set; }

    public static Result<ConversionPlan> Make(TorchCheckpoint checkpoint, long sourceLength)
    {
        var tree = new TensorTree();
        tree.Add(checkpoint.Root);
        if (Refusal(tree) is { } refusal)
        {
            return refusal;
        }

        var tensors = tree.Tensors.Select(named => Planned(named.Name, named.Tensor, checkpoint)).ToList();

        if (tensors.Aggregate((Int128)0, (sum, tensor) => sum + ((Int128)tensor.Spec.Elements * tensor.Width)) is var total && total > ((Int128)sourceLength * MaximumGrowth) + FreeGrowth)
        {
            return Error.Invalid("TOO_LARGE", $"the tensors share so much memory that they would be {total} bytes written out, of {sourceLength}: at most {MaximumGrowth} times as many are written");
        }

        // Wide elements first, then by name: so each begins where its width wants it.
        tensors.Sort((one, other) => one.Width != other.Width ? other.Width.CompareTo(one.Width) : string.CompareOrdinal(one.Name, other.Name));
        var plan = new ConversionPlan(tensors, TiesOf(tensors));
        plan.KeepTies();
        plan.KeepValues(tree.Values);
        plan.ValuesLeftOut += tree.Others;
        plan.Header = plan.MakeHeader();
        return plan.Header.Length <= MaximumHeader ? plan : Error.Invalid("TOO_LARGE", $"the header would be {plan.Header.Length} bytes: safetensors has at most {MaximumHeader}");
    }

    private byte[] MakeHeader()
    {
        using var json = new MemoryStream();
        json.Write(new byte[8]);
        using (var writer = new Utf8JsonWriter(json))
        {
            WriteHeader(writer);
        }

        while (json.Length % 8 != 0)
        {
            json.WriteByte((byte)' ');
        }

        var header = json.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, header.Length - 8);
        return header;
    }

    private static Error? Refusal(TensorTree tree)
    {
        if (tree.Fault is { } fault)
        {
            return Error.Invalid("NOT_PLAIN", $"the checkpoint is more than tensors and plain values: {fault}");
        }

        if (tree.Tensors.Count is 0 or > MaximumTensors)
        {
            return Error.Invalid("NOT_PLAIN", $"the checkpoint has {tree.Tensors.Count} named tensors: 1 to {MaximumTensors} can be converted");
        }

        var names = new HashSet<string>(StringComparer.Ordinal) { Reserved };
        foreach (var (name, tensor) in tree.Tensors)
        {
            var reason = tensor.Special ?? (tensor.Storage is null ? "it has no storage" : tensor.Type?.Safetensors is null ? $"safetensors has no {tensor.TypeName}" : null);
            if (reason is not null)
            {
                return Error.Invalid("TENSOR_NOT_PLAIN", $"tensor '{Text.Shorten(name)}' cannot be written as safetensors: {reason}");
            }

            if (!names.Add(name))
            {
                return Error.Invalid("TENSOR_NAME_TWICE", $"two tensors would be called '{Text.Shorten(name)}': the keys of nested dictionaries are joined with dots");
            }
        }

        return null;
    }

    private static PlannedTensor Planned(string name, TensorSpec tensor, TorchCheckpoint checkpoint)
    {
        var storage = tensor.Storage!;
        var begin = tensor.Elements == 0 ? 0 : checkpoint.Storages[storage.Key];
        return new(name, tensor.Type!.Safetensors!, tensor, begin + (storage.ViewOffset * storage.Type.Width) + (tensor.Offset * tensor.Type.Width));
    }

    private static IReadOnlyList<IReadOnlyList<string>> TiesOf(List<PlannedTensor> tensors) =>
        [.. tensors.GroupBy(tensor => tensor.Spec.Storage!.Key, StringComparer.Ordinal).Where(group => group.Skip(1).Any()).Select(group => group.Select(tensor => tensor.Name).ToList())];

    private void KeepTies()
    {
        if (Ties.Count is > 0 and <= MaximumTies)
        {
            _metadata["shared_memory"] = JsonSerializer.Serialize(Ties);
        }
    }

    // A step count or a learning rate is worth keeping where a reader finds it; it is text there, so it is no part of what is stated.
    private void KeepValues(List<(string Name, PickleValue Value)> values)
    {
        foreach (var (name, value) in values)
        {
            var text = value.Text ?? (value.Real is { } real ? real.ToString("R", CultureInfo.InvariantCulture) : (value.Node as BigNode)?.Value.ToString(CultureInfo.InvariantCulture) ?? value.ToString());
            if (ValuesKept < MaximumValues && text.Length + name.Length <= MaximumValue && _metadata.TryAdd($"value:{name}", text))
            {
                ValuesKept++;
            }
            else
            {
                ValuesLeftOut++;
            }
        }
    }

    private void WriteHeader(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartObject(Reserved);
        foreach (var (key, value) in _metadata)
        {
            writer.WriteString(key, value);
        }

        writer.WriteEndObject();
        var offset = 0L;
        foreach (var tensor in Tensors)
        {
            WriteTensor(writer, tensor, offset);
            offset += tensor.Length;
        }

        writer.WriteEndObject();
    }

    private static void WriteTensor(Utf8JsonWriter writer, PlannedTensor tensor, long offset)
    {
        writer.WriteStartObject(tensor.Name);
        writer.WriteString("dtype", tensor.Type);
        writer.WriteStartArray("shape");
        foreach (var dimension in tensor.Spec.Shape)
        {
            writer.WriteNumberValue(dimension);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("data_offsets");
        writer.WriteNumberValue(offset);
        writer.WriteNumberValue(offset + tensor.Length);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
