namespace ModelGarden.Formats.Pickles;

/// <summary>What the harmless types of Python and torch may be called with: values, never something that would be called or make a giant.</summary>
internal static class BuiltinRules
{
    private const string NoValues = "its arguments are not those that its pickler writes";

    public static string? Nothing(PickleValue[] arguments) => arguments is [] ? null : NoValues;

    public static string? OneCollection(PickleValue[] arguments) => arguments is [] or [{ Node: ListNode or TupleNode }] ? null : NoValues;

    public static string? Numbers(PickleValue[] arguments) =>
        arguments.Length is >= 1 and <= 3 && arguments.All(value => value.IsNone || value.Integer is not null || value.Real is not null || value.Node is BigNode) ? null : NoValues;

    /// <summary>Not from a number: that makes as many zeros.</summary>
    public static string? Bytes(PickleValue[] arguments) => arguments switch
    {
        [] or [{ Node: BytesNode or ListNode }] or [{ Call.Makes: Product.Bytes }] => null,
        [{ Node: TextNode or BytesNode }, { Text: "latin-1" or "latin1" }] => null,
        _ => NoValues,
    };

    /// <summary>Latin-1 and no other codec: some of them compute text, and so names.</summary>
    public static string? Encode(PickleValue[] arguments) => arguments is [{ Node: TextNode or BytesNode or Scalar }, { Text: "latin1" or "latin-1" }] ? null : NoValues;

    public static string? Pairs(PickleValue[] arguments) => arguments is [] or [{ Node: ListNode or DictNode }] ? null : NoValues;

    public static string? DefaultDictionary(PickleValue[] arguments) => arguments switch
    {
        [] or [{ IsNone: true }] => null,
        [{ Global.Allowed: { Rebuild: null } }] => null,
        _ => NoValues,
    };

    public static string? Deque(PickleValue[] arguments) => arguments is [] or [{ Node: ListNode or TupleNode }] or [{ Node: ListNode or TupleNode }, _] ? null : NoValues;

    /// <summary>Not from a list, which can be filled afterwards: the size would be another than the one seen here.</summary>
    public static string? Size(PickleValue[] arguments) => arguments is [{ Node: TupleNode }] ? null : NoValues;

    public static string? Device(PickleValue[] arguments) => arguments is [{ Text: not null }] or [{ Text: not null }, { Integer: not null }] ? null : NoValues;

    public static string? Layout(PickleValue[] arguments) => arguments is [{ Text: not null }] ? null : NoValues;
}
