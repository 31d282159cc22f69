using ModelGarden.Formats.IO;
using ModelGarden.Formats.Pickles;

namespace ModelGarden.Formats.Torch;

/// <summary>Torch's functions that rebuild tensors: what their arguments may be, and which tensor they give.</summary>
internal static class TensorRules
{
    private const int MaximumRank = 64;

    // To set one of these changes what the tensor is.
    private static readonly string[] OwnAttributes = ["data", "grad", "names", "real", "imag", "requires_grad", "volatile", "retains_grad", "device", "layout", "dtype", "shape"];

    /// <summary><c>_rebuild_tensor(storage, offset, size, stride)</c>, of the second and third version too.</summary>
    public static Rebuilt Plain(PickleValue[] arguments) => arguments switch
    {
        [var storage, var offset, var size, var stride] => View(storage, offset, size, stride, null, null),
        [var storage, var offset, var size, var stride, { Boolean: not null }, var hooks] when IsEmpty(hooks) => View(storage, offset, size, stride, null, null),
        [var storage, var offset, var size, var stride, { Boolean: not null }, var hooks, var metadata] when IsEmpty(hooks) => View(storage, offset, size, stride, null, Bits(metadata)),
        _ => Rebuilt.Wrong("its arguments are not a storage, an offset, sizes, strides, a flag and no hooks"),
    };

    public static Rebuilt WithType(PickleValue[] arguments) => arguments switch
    {
        [var storage, var offset, var size, var stride, { Boolean: not null }, var hooks, var type, .. var rest] when IsEmpty(hooks) && rest.Length <= 1 =>
            type.Global is { } global && TorchTypes.OfGlobal(global.FullName) is { } element
                ? View(storage, offset, size, stride, element, rest is [var metadata] ? Bits(metadata) : null)
                : Rebuilt.Wrong("its type is none of torch"),
        _ => Rebuilt.Wrong("its arguments are not a storage, an offset, sizes, strides, a flag, no hooks and a type"),
    };

    public static Rebuilt Parameter(PickleValue[] arguments) => arguments switch
    {
        [{ Call.Tensor: { } tensor }, { Boolean: not null }, var hooks] when IsEmpty(hooks) => new(tensor, null),
        [{ Call.Tensor: { } tensor }, { Boolean: not null }, var hooks, var state] when IsEmpty(hooks) => new(tensor, State(state)),
        _ => Rebuilt.Wrong("its arguments are not a tensor, a flag and no hooks"),
    };

    /// <summary><c>_rebuild_from_type_v2(function, type, arguments, state)</c>: calls the function, then sets attributes.</summary>
    public static Rebuilt FromType(PickleValue[] arguments)
    {
        if (arguments is not [{ Global: { Allowed.Rebuild: { } rebuild } }, { Global: { } type }, { Tuple: { } inner }, var state])
        {
            return Rebuilt.Wrong("its arguments are not a rebuilding function, a type, arguments and a state");
        }

        // Torch writes one such call around another function, never around another such call: they would go as deep as the file is long.
        if (rebuild == FromType)
        {
            return Rebuilt.Wrong("its function is the same one again");
        }

        if (type.FullName is not ("torch.Tensor" or "torch.nn.parameter.Parameter"))
        {
            return Rebuilt.Wrong($"it makes a {type.ShortName}");
        }

        var rebuilt = rebuild(inner);
        return rebuilt.Fault is null ? rebuilt with { Fault = State(state) } : rebuilt;
    }

    public static Rebuilt Quantised(PickleValue[] arguments) => arguments switch
    {
        [var storage, var offset, var size, var stride, { Tuple: not null }, { Boolean: not null }, var hooks] when IsEmpty(hooks) => View(storage, offset, size, stride, null, "it is quantised"),
        _ => Rebuilt.Wrong("its arguments are not a storage, an offset, sizes, strides, a quantiser, a flag and no hooks"),
    };

    public static Rebuilt Sparse(PickleValue[] arguments) => arguments switch
    {
        [_, { Tuple: { Length: >= 3 and <= 5 } parts }] when parts[..2].All(part => part.Call?.Tensor is not null) && parts.Any(part => part.Integers() is not null) =>
            new(new() { Shape = parts.Select(part => part.Integers()).First(sizes => sizes is not null)!, Special = "it is sparse" }, null),
        _ => Rebuilt.Wrong("its arguments are not a layout, indices, values and sizes"),
    };

    public static Rebuilt Meta(PickleValue[] arguments) => arguments switch
    {
        [{ Global: { } type }, var size, var stride, { Boolean: not null }] when size.Integers() is { } shape && stride.Integers() is not null =>
            new(new() { Shape = shape, Type = TorchTypes.OfGlobal(type.FullName), Special = "it has no data" }, null),
        _ => Rebuilt.Wrong("its arguments are not a type, sizes, strides and a flag"),
    };

    public static Rebuilt FromOther(PickleValue[] arguments) => arguments switch
    {
        [{ Call.Makes: Product.Tensor or Product.Array } data, { Global: { } type }, { Text: not null } or { Call.Callee.FullName: "torch.device" }, { Boolean: not null }] =>
            new(new() { Shape = data.Call!.Tensor?.Shape ?? [], Type = TorchTypes.OfGlobal(type.FullName), Special = "it was moved from another device" }, null),
        _ => Rebuilt.Wrong("its arguments are not data, a type, a device and a flag"),
    };

    private static Rebuilt View(PickleValue source, PickleValue offset, PickleValue size, PickleValue stride, TorchType? type, string? special)
    {
        if ((source.Node as PersistentNode)?.Storage is not { } storage)
        {
            return Rebuilt.Wrong($"its storage is {source}");
        }

        if (offset.Integer is not (>= 0 and var begin) || size.Integers() is not { Length: <= MaximumRank } shape || stride.Integers() is not { } strides || shape.Length != strides.Length)
        {
            return Rebuilt.Wrong("its offset, sizes and strides are no such numbers");
        }

        type ??= storage.Type == TorchTypes.Untyped ? null : storage.Type;
        if (type is null)
        {
            return Rebuilt.Wrong("its storage has no type");
        }

        var tensor = new TensorSpec { Storage = storage, Type = type, Offset = begin, Shape = shape, Strides = strides, Special = special };
        return new(tensor, Bounds(tensor, storage));
    }

    // A tensor that reaches beyond its storage would read, or write, memory of the loader.
    private static string? Bounds(TensorSpec tensor, StorageSpec storage)
    {
        if (Tally.Elements(tensor.Shape) is not { } elements || tensor.Strides.Any(stride => stride < 0))
        {
            return "its sizes are absurd or its strides negative";
        }

        Int128 last = tensor.Offset;
        for (var index = 0; index < tensor.Shape.Length; index++)
        {
            last += (Int128)Math.Max(0, tensor.Shape[index] - 1) * tensor.Strides[index];
        }

        var seen = (Int128)storage.ViewElements * storage.Type.Width;
        return elements > 0 && (last + 1) * tensor.Type!.Width > seen ? $"it reaches element {last} of a storage of {seen / tensor.Type.Width}" : null;
    }

    // Hooks are functions that run when gradients flow: exporters write an empty OrderedDict.
    private static bool IsEmpty(PickleValue hooks)
    {
        var items = hooks.Call is { Makes: Product.Dictionary, Arguments: [] } call ? call.Items : hooks.Node as DictNode;
        if (items is { Items.Count: 0, IsWhole: true })
        {
            // The tensor keeps them: they must not be filled afterwards.
            items.IsSealed = true;
            return true;
        }

        return hooks.IsNone;
    }

    private static string? Bits(PickleValue metadata) =>
        metadata.IsNone || metadata.Node is DictNode { Items.Count: 0 } ? null : "it is kept conjugated or negated";

    private static string? State(PickleValue state) => state.IsNone || state.Node is DictNode { IsWhole: true } dictionary && dictionary.Items.All(IsPlain)
        ? null
        : "its state is more than plain attributes";

    private static bool IsPlain((PickleValue Key, PickleValue Value) item) =>
        item.Key.Text is { Length: > 0 } name && name[0] != '_' && !OwnAttributes.Contains(name) && item.Value.Node is Scalar or TextNode or DictNode or ListNode or TupleNode or CallNode { Callee.Allowed: not null };
}
