using System.Globalization;

namespace ModelGarden.Formats.Pickles;

/// <summary>
/// NumPy's constructors. An array's type decides how its bytes are read: one that lies would make bytes of the file into addresses, so only plain types
/// with the state that NumPy itself writes pass.
/// </summary>
internal static class NumpyRules
{
    private const string Kinds = "biufcSUVmM?";
    private const long ObjectFlags = 63;
    private const long TextFlags = 8;

    public static string? DataType(PickleValue[] arguments) =>
        arguments is [{ Text: { } name }, .. var rest] && rest.Length <= 2 && rest.All(flag => flag.Boolean is not null || flag.Integer is 0 or 1) && (ItemSize(name) is not null || IsObject(name))
            ? null
            : "its arguments are no plain type";

    public static string? DataTypeState(CallNode type, PickleValue state)
    {
        if (state.Tuple is not [{ Integer: 3 or 4 }, { Text: "<" or ">" or "|" or "=" }, { IsNone: true }, { IsNone: true }, { IsNone: true }, { Integer: { } size }, { Integer: { } alignment }, { Integer: { } flags }, ..])
        {
            return "only plain types are looked into, not fields and sub-arrays";
        }

        // Where NumPy knows a type's length itself it writes -1.
        var name = NameOf(type);
        return size != ItemSize(name) && (size != -1 || IsStretchy(name)) ? $"its elements have {size} bytes, and {name} has others"
            : alignment is not (-1 or 1 or 2 or 4 or 8 or 16) || (alignment == -1 && IsStretchy(name)) ? $"its alignment is {alignment}, and NumPy would divide by it"
            : flags == (IsObject(name) ? ObjectFlags : 0) || (IsText(name) && flags == TextFlags) ? null
            : $"its flags are {flags}: NumPy would take bytes for addresses";
    }

    public static string? Reconstruct(PickleValue[] arguments) =>
        arguments is [{ Global.FullName: "numpy.ndarray" }, var shape, { Node: BytesNode or TextNode } or { Call.Makes: Product.Bytes }] && shape.Integers() is not null ? null : "its arguments are not an array, a shape and a code";

    public static string? ArrayState(PickleValue state) => state.Tuple switch
    {
        [{ Integer: 1 }, var shape, { Call: { Makes: Product.DataType } type }, { Boolean: not null } or { Integer: 0 or 1 }, var data] when shape.Integers() is not null => Data(type, data),
        _ => "the state of an array is not its version, shape, type, order and data",
    };

    public static string? Scalar(PickleValue[] arguments) =>
        arguments is [{ Call: { Makes: Product.DataType } type }, var data] && !IsObject(NameOf(type)) ? Data(type, data) : "its arguments are not a plain type and bytes";

    public static string? FromBuffer(PickleValue[] arguments) =>
        arguments is [{ Node: BytesNode }, { Call: { Makes: Product.DataType } type }, var shape, { Text: "C" or "F" }] && shape.Integers() is not null && !IsObject(NameOf(type))
            ? null
            : "its arguments are not bytes, a plain type, a shape and an order";

    // Of text and of plain bytes the state says how long an element is; of all others NumPy knows.
    private static bool IsStretchy(string type) => type.TrimStart('<', '>', '|', '=') is ['S' or 'U' or 'V', ..];

    private static bool IsText(string type) => type.TrimStart('<', '>', '|', '=') is ['U', ..];

    public static bool IsObject(string type) => type.TrimStart('<', '>', '|', '=') is "O" or "O8" or "O4";

    /// <summary>The bytes of an element of a type such as <c>f8</c> or <c>U10</c>; nothing for types that are not plain.</summary>
    public static long? ItemSize(string type)
    {
        var name = type.TrimStart('<', '>', '|', '=');
        if (name.Length is 0 or > 20 || !Kinds.Contains(name[0], StringComparison.Ordinal))
        {
            return null;
        }

        var digits = name.AsSpan(1);
        if (name[0] is 'm' or 'M')
        {
            digits = digits.StartsWith("8") ? digits[..1] : digits;
        }

        return digits.IsEmpty && name[0] == '?' ? 1
            : int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? (name[0] == 'U' ? 4L * count : count)
            : null;
    }

    public static string NameOf(CallNode type) => type.Arguments is [{ Text: { } name }, ..] ? name : "O";

    private static string? Data(CallNode type, PickleValue data) => (IsObject(NameOf(type)), data.Node) switch
    {
        (true, ListNode) or (false, BytesNode or TextNode or CallNode { Makes: Product.Bytes }) => null,
        (true, _) => "an array of objects has no list of them",
        _ => "its data are no bytes",
    };
}
