using System.Numerics;
using ModelGarden.Formats.Torch;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Pickles;

/// <summary>What a pickle would make, without making it.</summary>
internal abstract class PickleNode
{
    public abstract string Name { get; }
}

/// <summary>Values that need no node of their own: the kind alone, the number stands beside it.</summary>
internal sealed class Scalar(string name) : PickleNode
{
    public static readonly Scalar None = new("None");
    public static readonly Scalar Boolean = new("a truth value");
    public static readonly Scalar Integer = new("an integer");
    public static readonly Scalar Real = new("a number");
    public static readonly Scalar Unknown = new("nothing that can be known");
    public static readonly Scalar Forgotten = new("a value that was not kept");

    public override string Name => name;
}

internal sealed class TextNode(string value) : PickleNode
{
    public override string Name => "text";

    public string Value => value;
}

/// <summary>Bytes; the first ones kept only when they are few. Or text that was not kept, for it was too long.</summary>
internal sealed class BytesNode(long length, byte[]? kept, bool isText = false) : PickleNode
{
    public override string Name => isText ? "long text" : "bytes";

    public bool IsText => isText;

    public long Length => length;

    public byte[]? Kept => kept;
}

/// <summary>An integer of more than 64 bits.</summary>
internal sealed class BigNode(BigInteger value) : PickleNode
{
    public override string Name => "a large integer";

    public BigInteger Value => value;
}

internal sealed class TupleNode(PickleValue[] items) : PickleNode
{
    public static readonly TupleNode Empty = new([]);

    public override string Name => "a tuple";

    public PickleValue[] Items => items;
}

/// <summary>A list, or a set, which differs only in how it is filled.</summary>
internal sealed class ListNode(bool isSet = false) : PickleNode
{
    public override string Name => isSet ? "a set" : "a list";

    public bool IsSet => isSet;

    public List<PickleValue> Items { get; } = [];

    /// <summary>False when items were left out, for there were too many.</summary>
    public bool IsWhole { get; set; } = true;
}

/// <summary>A dictionary: pairs in the order written, of equal keys the last one counts.</summary>
internal sealed class DictNode : PickleNode
{
    public override string Name => "a dictionary";

    public List<(PickleValue Key, PickleValue Value)> Items { get; } = [];

    public bool IsWhole { get; set; } = true;

    /// <summary>Nothing may be put into it any more: what was judged by it stands.</summary>
    public bool IsSealed { get; set; }
}

/// <summary>An import: a module's attribute by name.</summary>
internal sealed class GlobalNode(string module, string attribute, GlobalVerdict verdict) : PickleNode
{
    public override string Name => ShortName;

    public string FullName { get; } = $"{module}.{attribute}";

    public string ShortName => Text.Shorten(FullName);

    public string Module => module;

    public string Attribute => attribute;

    public GlobalVerdict Verdict => verdict;

    public AllowedGlobal? Allowed => verdict.Allowed;
}

/// <summary>What an extension code stands for: only the loader's machine knows.</summary>
internal sealed class ExtensionNode(int code) : PickleNode
{
    public override string Name => $"extension {code}";
}

/// <summary>What a persistent id stands for; the id is a loader's own business.</summary>
internal sealed class PersistentNode(PickleValue id, StorageSpec? storage) : PickleNode
{
    public override string Name => "a persistent object";

    public PickleValue Id => id;

    /// <summary>Set when the id is that of a torch storage.</summary>
    public StorageSpec? Storage => storage;
}

/// <summary>The result of a call that nobody makes here.</summary>
internal sealed class CallNode(GlobalNode? callee, PickleValue[] arguments, Product makes) : PickleNode
{
    public override string Name => callee is null ? "the result of a computed call" : $"{callee.ShortName}(…)";

    public GlobalNode? Callee => callee;

    public PickleValue[] Arguments => arguments;

    public Product Makes => makes;

    public TensorSpec? Tensor { get; set; }

    /// <summary>What was put into it by key, when it is a dictionary.</summary>
    public DictNode Items => field ??= new();

    public PickleValue? State { get; set; }
}
