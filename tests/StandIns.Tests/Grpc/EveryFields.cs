using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.StandIns.Tests.V1;

namespace ModelGarden.StandIns.Tests.Grpc;

/// <summary>Messages with fields of every kind.</summary>
internal static class EveryFields
{
    private static readonly TypeRegistry Types = TypeRegistry.FromFiles(EveryFieldReflection.Descriptor);

    public static JsonFormatter Formatter { get; } = new(JsonFormatter.Settings.Default.WithTypeRegistry(Types));

    public static JsonParser Parser { get; } = new(JsonParser.Settings.Default.WithTypeRegistry(Types));

    public static TheoryData<string> Kinds => ["full", "empty", "extreme", "oneof text", "oneof null", "oneof empty"];

    public static EveryField Make(string kind) => kind switch
    {
        "full" => Full(),
        "extreme" => Extreme(),
        "oneof text" => new EveryField { ChoiceText = string.Empty },
        "oneof null" => new EveryField { ChoiceNull = NullValue.NullValue },
        "oneof empty" => new EveryField { ChoiceEmpty = new Empty() },
        _ => new EveryField(),
    };

    private static EveryField Extreme() => new()
    {
        DoubleValue = double.NaN,
        FloatValue = float.NegativeInfinity,
        Int32Value = int.MinValue,
        Int64Value = long.MinValue,
        Uint32Value = uint.MaxValue,
        Uint64Value = ulong.MaxValue,
        Sint32Value = int.MinValue,
        Sint64Value = long.MinValue,
        Fixed32Value = uint.MaxValue,
        Fixed64Value = ulong.MaxValue,
        Sfixed32Value = int.MinValue,
        Sfixed64Value = long.MinValue,
        StringValue = "\0 \u20ac \U0001F331 \"\\\n",
        BytesValue = ByteString.CopyFrom([.. Enumerable.Range(0, 256).Select(value => (byte)value)]),
        Colour = (Colour)12345,
        Doubles = { double.MaxValue, double.Epsilon, -0.0, double.PositiveInfinity },
        Timestamp = new Timestamp { Seconds = 253402300799, Nanos = 999_999_999 },
        Duration = new Duration { Seconds = -315576000000, Nanos = -999_999_999 },
        MaybeNumber = 0,
        MaybeText = string.Empty,
        MaybeFlag = false,
        MaybeBlob = ByteString.Empty,
        MaybeColour = Colour.Unspecified,
        MaybeNested = new EveryField.Types.Nested(),
        BoolWrapper = false,
        StringWrapper = string.Empty,
        Int64Wrapper = 0,
    };

    private static EveryField Full() => new()
    {
        DoubleValue = 1.5,
        FloatValue = 2.5f,
        Int32Value = -3,
        Int64Value = -4,
        Uint32Value = 5,
        Uint64Value = 6,
        Sint32Value = -7,
        Sint64Value = -8,
        Fixed32Value = 9,
        Fixed64Value = 10,
        Sfixed32Value = -11,
        Sfixed64Value = -12,
        BoolValue = true,
        StringValue = "text é",
        BytesValue = ByteString.CopyFrom(1, 2),
        Colour = Colour.Green,
        Size = EveryField.Types.Size.Large,
        Nested = new() { Text = "outer", Inner = new() { Text = "inner" } },
        Doubles = { 1, 2.5, -3 },
        PackedNumbers = { 1, -1, 300 },
        UnpackedNumbers = { 1, -1, 300 },
        SignedNumbers = { -1, 1 },
        FixedNumbers = { 1, 2 },
        Flags = { true, false },
        Texts = { "a", string.Empty },
        Blobs = { ByteString.CopyFrom(1), ByteString.Empty },
        Colours = { Colour.Red, Colour.Unspecified },
        NestedList = { new EveryField.Types.Nested { Text = "n" }, new EveryField.Types.Nested() },
        TextByText = { ["a"] = "b", [string.Empty] = string.Empty },
        NumberByNumber = { [-1] = 1, [0] = 0 },
        DoubleByFlag = { [true] = 1.5, [false] = 0 },
        BlobByFixed = { [1] = ByteString.CopyFrom(7) },
        ColourBySigned = { [-5] = Colour.Red },
        NestedByNumber = { [ulong.MaxValue] = new EveryField.Types.Nested { Text = "m" } },
        ValueByText = { ["x"] = Value.ForList(Value.ForNumber(1), Value.ForBool(true)) },
        MaybeNumber = 1,
        MaybeText = "t",
        MaybeFlag = true,
        MaybeBlob = ByteString.CopyFrom(3),
        MaybeColour = Colour.Red,
        MaybeNested = new() { Text = "maybe" },
        ChoiceNested = new() { Text = "chosen" },
        Timestamp = new Timestamp { Seconds = 1767323045, Nanos = 678_000_000 },
        Duration = new Duration { Seconds = 90, Nanos = 500_000_000 },
        Any = Any.Pack(new EveryField.Types.Nested { Text = "packed" }),
        Struct = new Struct { Fields = { ["k"] = Value.ForStruct(new Struct { Fields = { ["n"] = Value.ForNull() } }) } },
        Value = Value.ForString("v"),
        List = new ListValue { Values = { Value.ForNumber(1), Value.ForString("two") } },
        Mask = FieldMask.FromString("name,labels"),
        Empty = new Empty(),
        Timestamps = { new Timestamp(), new Timestamp { Seconds = 1 } },
        DoubleWrapper = 1.5,
        FloatWrapper = 2.5f,
        Int64Wrapper = -3,
        Uint64Wrapper = 4,
        Int32Wrapper = -5,
        Uint32Wrapper = 6,
        BoolWrapper = true,
        StringWrapper = "wrapped",
        BytesWrapper = ByteString.CopyFrom(8),
        RenamedInJson = "other",
        LastNumber = 99,
    };
}
