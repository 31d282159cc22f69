namespace ModelGarden.Formats.Pickles;

/// <summary>
/// What a place on the stack of a pickle would hold: a number in place, everything else as a node. Two words, so that numbers allocate nothing.
/// </summary>
internal readonly record struct PickleValue(PickleNode Node, long Number = 0)
{
    public static readonly PickleValue None = new(Scalar.None);

    /// <summary>A value that no loader would have: what a fault leaves behind.</summary>
    public static readonly PickleValue Unknown = new(Scalar.Unknown);

    /// <summary>A value that was not kept, for there were too many.</summary>
    public static readonly PickleValue Forgotten = new(Scalar.Forgotten);

    public static readonly PickleValue True = new(Scalar.Boolean, 1);

    public static readonly PickleValue False = new(Scalar.Boolean);

    public string? Text => (Node as TextNode)?.Value;

    public long? Integer => Node == Scalar.Integer ? Number : null;

    public bool? Boolean => Node == Scalar.Boolean ? Number != 0 : null;

    public double? Real => Node == Scalar.Real ? BitConverter.Int64BitsToDouble(Number) : null;

    public bool IsNone => Node == Scalar.None;

    public PickleValue[]? Tuple => (Node as TupleNode)?.Items;

    public GlobalNode? Global => Node as GlobalNode;

    public CallNode? Call => Node as CallNode;

    public static PickleValue Of(long number) => new(Scalar.Integer, number);

    public static PickleValue Of(double number) => new(Scalar.Real, BitConverter.DoubleToInt64Bits(number));

    /// <summary>The integers of a tuple or of a <c>torch.Size</c>; nothing when it is something else.</summary>
    public long[]? Integers()
    {
        var items = Call is { Makes: Product.Size, Arguments: [var inner] } ? inner.Tuple : Tuple;
        return items is not null && items.All(item => item.Integer is not null) ? [.. items.Select(item => item.Number)] : null;
    }

    /// <summary>The items of a whole list or tuple.</summary>
    public PickleValue[]? Items() => Node switch
    {
        TupleNode tuple => tuple.Items,
        ListNode { IsWhole: true } list => [.. list.Items],
        _ => null,
    };

    /// <summary>A short word for people.</summary>
    public override string ToString() => Node switch
    {
        TextNode text => $"'{Kernel.Text.Shorten(text.Value, 40)}'",
        Scalar when Integer is { } number => $"{number}",
        Scalar when Boolean is { } truth => truth ? "True" : "False",
        Scalar when Real is { } real => FormattableString.Invariant($"{real}"),
        GlobalNode global => global.ShortName,
        CallNode { Callee: { } callee } => $"{callee.ShortName}(…)",
        _ => Node.Name,
    };
}
