using ModelGarden.Formats.IO;
using ModelGarden.Formats.Pickles;

namespace ModelGarden.Formats.Torch;

/// <summary>A storage that a pickle asks for.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Elements">How many there are.</param>
/// <param name="ViewOffset">For views of old files: where in the storage it begins, in elements.</param>
/// <param name="ViewElements">For views of old files: how many elements of the storage can be seen.</param>
internal sealed record StorageSpec(string Key, TorchType Type, long Elements, long ViewOffset, long ViewElements);

/// <summary>A tensor as torch would rebuild it: a view of a storage.</summary>
internal sealed class TensorSpec
{
    /// <summary>Nothing for tensors that are no plain view of a storage.</summary>
    public StorageSpec? Storage { get; init; }

    public TorchType? Type { get; init; }

    /// <summary>Where it begins, in elements of its own type from the beginning of the storage.</summary>
    public long Offset { get; init; }

    public required long[] Shape { get; init; }

    public long[] Strides { get; init; } = [];

    /// <summary>Why it is more than the elements it shows; nothing for a plain tensor.</summary>
    public string? Special { get; init; }

    public bool IsCounted { get; set; }

    public long Elements => Tally.Elements(Shape) ?? 0;

    /// <summary>The word of safetensors where it has one, torch's otherwise.</summary>
    public string TypeName => Type?.Safetensors ?? Type?.Name ?? "unknown";
}

/// <summary>What a call of one of torch's rebuilding functions gives.</summary>
internal readonly record struct Rebuilt(TensorSpec? Tensor, string? Fault)
{
    public static Rebuilt Wrong(string fault) => new(null, fault);
}

/// <summary>What a persistent id asks for.</summary>
internal readonly record struct StorageAnswer(StorageSpec? Storage, string? Fault);

/// <summary>Reads persistent ids as torch writes them, and remembers the storages of a file by their keys.</summary>
internal sealed class StorageIds(StorageLayout layout)
{
    private const int MaximumStorages = 250_000;
    private const int MaximumKey = 256;
    private readonly Dictionary<string, StorageSpec> _storages = new(StringComparer.Ordinal);

    /// <summary>By key, in the order in which the pickle first asks for them.</summary>
    public IReadOnlyDictionary<string, StorageSpec> Storages => _storages;

    public StorageAnswer Read(PickleValue id)
    {
        if (layout == StorageLayout.Tar)
        {
            return id.Text is { } number && long.TryParse(number, out _) ? default : new(null, "an id of that file is a number");
        }

        if (id.Tuple is not [var kind, var type, var key, var location, var count, .. var rest] || kind.Text != "storage" || location.Text is null)
        {
            return new(null, "only storages are written beside the pickle");
        }

        return key.Text is { Length: > 0 and <= MaximumKey } name && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') && name is not ("." or "..")
            ? Read(name, type, count.Integer ?? -1, rest)
            : new(null, "the storage's key is no plain name");
    }

    private StorageAnswer Read(string key, PickleValue type, long elements, PickleValue[] rest)
    {
        if (type.Global is not { Allowed: not null } global || TorchTypes.OfStorage(global.Attribute) is not { } element)
        {
            return new(null, "the storage's type is none of torch");
        }

        if (elements < 0 || elements > long.MaxValue / element.Width)
        {
            return new(null, "the storage's length is none");
        }

        var (offset, length) = (0L, elements);
        if (layout == StorageLayout.Legacy && rest is [{ IsNone: false } view])
        {
            if (view.Tuple is not [_, { Integer: { } at and >= 0 }, { Integer: { } seen and >= 0 }] || at > elements || seen > elements - at)
            {
                return new(null, "the view of a storage lies outside it");
            }

            (offset, length) = (at, seen);
        }
        else if (rest is not ([] or [{ IsNone: true }]))
        {
            return new(null, "the id has parts that no exporter writes");
        }

        return Known(new(key, element, elements, offset, length));
    }

    private StorageAnswer Known(StorageSpec storage)
    {
        if (_storages.TryGetValue(storage.Key, out var known))
        {
            return (known.Type, known.Elements) == (storage.Type, storage.Elements) ? new(storage, null) : new(storage, "the same storage was asked for with another type or length");
        }

        if (_storages.Count >= MaximumStorages)
        {
            return new(null, $"more than {MaximumStorages} storages");
        }

        _storages.Add(storage.Key, storage);
        return new(storage, null);
    }
}

/// <summary>How a file of torch writes its storages.</summary>
internal enum StorageLayout
{
    Zip,
    Legacy,
    Tar,
}
