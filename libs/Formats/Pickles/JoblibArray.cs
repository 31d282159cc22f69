using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Pickles;

/// <summary>An array that joblib writes behind its placeholder.</summary>
/// <param name="Bytes">Its length.</param>
/// <param name="IsObject">It is a pickle of its own.</param>
/// <param name="IsAligned">A byte that counts padding, and the padding, come first.</param>
internal sealed record JoblibArray(long Bytes, bool IsObject, bool IsAligned)
{
    /// <summary>By the placeholder's state; nothing when that is not as joblib writes it.</summary>
    public static JoblibArray? Read(PickleValue state)
    {
        if (state.Node is not DictNode dictionary)
        {
            return null;
        }

        var (type, shape) = (Find(dictionary, "dtype").Call, Find(dictionary, "shape").Integers());
        if (type is not { Makes: Product.DataType } || shape is null || Tally.Elements(shape) is not { } count)
        {
            return null;
        }

        var isObject = NumpyRules.IsObject(NumpyRules.NameOf(type));
        var width = NumpyRules.ItemSize(NumpyRules.NameOf(type)) ?? 0;
        if (!isObject && (width == 0 || count > long.MaxValue / width))
        {
            return null;
        }

        return new(isObject ? 0 : count * width, isObject, !isObject && !Find(dictionary, "numpy_array_alignment_bytes").IsNone);
    }

    private static PickleValue Find(DictNode dictionary, string key) => dictionary.Items.LastOrDefault(item => item.Key.Text == key).Value is { Node: not null } value ? value : PickleValue.None;
}
