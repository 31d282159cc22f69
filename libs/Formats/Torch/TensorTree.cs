using System.Globalization;
using System.Text;
using ModelGarden.Formats.Pickles;

namespace ModelGarden.Formats.Torch;

/// <summary>
/// Names the tensors of nested dictionaries, lists and tuples by their paths: keys and indices with dots between. Bounded: a pickle can name one thing
/// a million times, and itself.
/// </summary>
internal sealed class TensorTree
{
    public const int MaximumListed = 65_536;
    private const int MaximumDepth = 64;
    private const int MaximumVisits = 2_000_000;
    private const int MaximumName = 4096;
    private const long MaximumNames = 32L * 1024 * 1024;
    private int _visits;
    private long _names;

    public List<(string Name, TensorSpec Tensor)> Tensors { get; } = [];

    /// <summary>Numbers, truth values and short texts.</summary>
    public List<(string Name, PickleValue Value)> Values { get; } = [];

    /// <summary>What is no tensor and has no words: types, bytes, devices, attributes of dictionaries.</summary>
    public int Others { get; private set; }

    /// <summary>The first thing that is neither, or why not everything was visited.</summary>
    public string? Fault { get; private set; }

    public void Add(PickleValue root) => Add("", root, 0);

    private void Add(string path, PickleValue value, int depth)
    {
        if (++_visits > MaximumVisits || depth > MaximumDepth || path.Length > MaximumName)
        {
            Fault ??= "the checkpoint is nested too deep, or names too much";
            return;
        }

        if (value.Call?.Tensor is { } tensor)
        {
            Name(path, tensor);
        }
        else if (Children(value) is { } children)
        {
            foreach (var (key, child) in children)
            {
                Add(path.Length == 0 ? key : $"{path}.{key}", child, depth + 1);
            }
        }
        else
        {
            AddLeaf(path, value);
        }
    }

    private void Name(string path, TensorSpec tensor)
    {
        _names += path.Length;
        if (_names > MaximumNames)
        {
            Fault ??= $"the names of tensors have more than {MaximumNames} characters";
        }
        else
        {
            Tensors.Add((path.Length == 0 ? "tensor" : path, tensor));
        }
    }

    private void AddLeaf(string path, PickleValue value)
    {
        if (value.IsNone || value.Integer is not null || value.Real is not null || value.Boolean is not null || value.Node is TextNode or BigNode)
        {
            Values.Add((path, value));
        }
        else if (value.Node is GlobalNode or BytesNode || value.Call?.Makes is Product.Size or Product.Opaque or Product.Bytes)
        {
            Others++;
        }
        else
        {
            Fault ??= $"'{Kernel.Text.Shorten(path)}' is {value}";
        }
    }

    private IEnumerable<(string Key, PickleValue Value)>? Children(PickleValue value) => value.Node switch
    {
        DictNode dictionary => Children(dictionary),
        CallNode { Makes: Product.Dictionary, Arguments: [] or [{ Node: GlobalNode }] } call => Children(call),
        ListNode { IsSet: false } list => Numbered(list.Items, list.IsWhole),
        TupleNode tuple => Numbered(tuple.Items, true),
        _ => null,
    };

    private IEnumerable<(string Key, PickleValue Value)> Children(CallNode dictionary)
    {
        // Torch keeps the versions of modules so; what else is an attribute of a dictionary is in no list of tensors.
        Others += (dictionary.State?.Node as DictNode)?.Items.Count(item => item.Key.Text != "_metadata") ?? 0;
        return Children(dictionary.Items);
    }

    private IEnumerable<(string Key, PickleValue Value)> Children(DictNode dictionary)
    {
        if (!dictionary.IsWhole)
        {
            Fault ??= "a dictionary is too long to be kept";
        }

        // Of equal keys the last one counts, in the place of the first.
        var last = new Dictionary<PickleValue, PickleValue>();
        foreach (var (key, value) in dictionary.Items)
        {
            // Python takes True, 1 and 1.0 for one key, and half a character is no name: neither can be told apart here.
            if ((key.Text ?? (key.Integer is null ? null : "")) is not { } name || name.EnumerateRunes().Contains(Rune.ReplacementChar))
            {
                Fault ??= $"a key is {key}, which is neither plain text nor an integer";
            }

            last[KeyOf(key)] = value;
        }

        return last.Select(item => (NameOf(item.Key), item.Value));
    }

    private IEnumerable<(string Key, PickleValue Value)> Numbered(IReadOnlyList<PickleValue> items, bool isWhole)
    {
        if (!isWhole)
        {
            Fault ??= "a list is too long to be kept";
        }

        return items.Select((item, index) => (index.ToString(CultureInfo.InvariantCulture), item));
    }

    // Texts are equal by what they say; other nodes by being the same.
    private static PickleValue KeyOf(PickleValue key) => key.Text is { } text ? new(new TextKey(text)) : key;

    private static string NameOf(PickleValue key) => key.Node is TextKey text ? text.Value : key.Integer is { } number ? number.ToString(CultureInfo.InvariantCulture) : key.ToString();

    private sealed class TextKey(string value) : PickleNode
    {
        public override string Name => "text";

        public string Value => value;

        public override bool Equals(object? other) => other is TextKey key && key.Value == value;

        public override int GetHashCode() => value.GetHashCode(StringComparison.Ordinal);
    }
}
