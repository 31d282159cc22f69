using System.Collections.Frozen;

namespace ModelGarden.Formats.Torch;

/// <summary>An element type of torch.</summary>
/// <param name="Name">Torch's own word, such as <c>bfloat16</c>.</param>
/// <param name="Width">Bytes of an element.</param>
/// <param name="Safetensors">The word of safetensors; nothing where that format has none.</param>
internal sealed record TorchType(string Name, int Width, string? Safetensors);

/// <summary>The element types that tensors of a checkpoint can have.</summary>
internal static class TorchTypes
{
    /// <summary>Bytes without a type: the tensor says what they are.</summary>
    public static readonly TorchType Untyped = new("untyped", 1, null);

    private static readonly TorchType[] All =
    [
        new("float32", 4, "F32"), new("float64", 8, "F64"), new("float16", 2, "F16"), new("bfloat16", 2, "BF16"),
        new("uint8", 1, "U8"), new("int8", 1, "I8"), new("int16", 2, "I16"), new("int32", 4, "I32"), new("int64", 8, "I64"), new("bool", 1, "BOOL"),
        new("uint16", 2, "U16"), new("uint32", 4, "U32"), new("uint64", 8, "U64"),
        new("complex32", 4, null), new("complex64", 8, "C64"), new("complex128", 16, null),
        new("float8_e4m3fn", 1, "F8_E4M3"), new("float8_e5m2", 1, "F8_E5M2"), new("float8_e8m0fnu", 1, "F8_E8M0"),
        new("float8_e4m3fnuz", 1, "F8_E4M3FNUZ"), new("float8_e5m2fnuz", 1, "F8_E5M2FNUZ"), new("float4_e2m1fn_x2", 1, null),
        new("qint8", 1, null), new("quint8", 1, null), new("qint32", 4, null), new("quint4x2", 1, null), new("quint2x4", 1, null),
        .. Enumerable.Range(1, 7).SelectMany(bits => new[] { new TorchType($"uint{bits}", 1, null), new TorchType($"int{bits}", 1, null) }),
    ];

    private static readonly FrozenDictionary<string, TorchType> ByName = All.ToFrozenDictionary(type => type.Name);

    private static readonly FrozenDictionary<string, TorchType> ByStorage = new Dictionary<string, string>
    {
        ["Float"] = "float32",
        ["Double"] = "float64",
        ["Half"] = "float16",
        ["BFloat16"] = "bfloat16",
        ["Byte"] = "uint8",
        ["Char"] = "int8",
        ["Short"] = "int16",
        ["Int"] = "int32",
        ["Long"] = "int64",
        ["Bool"] = "bool",
        ["ComplexFloat"] = "complex64",
        ["ComplexDouble"] = "complex128",
        ["QInt8"] = "qint8",
        ["QUInt8"] = "quint8",
        ["QInt32"] = "qint32",
        ["QUInt4x2"] = "quint4x2",
        ["QUInt2x4"] = "quint2x4",
    }.ToFrozenDictionary(pair => pair.Key + "Storage", pair => ByName[pair.Value]);

    public static IEnumerable<string> Names => ByName.Keys;

    public static IEnumerable<string> StorageNames => ByStorage.Keys.Append("UntypedStorage");

    /// <summary>By the name of a global such as <c>torch.float32</c>.</summary>
    public static TorchType? OfGlobal(string fullName) =>
        fullName.StartsWith("torch.", StringComparison.Ordinal) ? ByName.GetValueOrDefault(fullName[6..]) : null;

    /// <summary>By the name of a storage's class, wherever torch had it at the time.</summary>
    public static TorchType? OfStorage(string attribute) => attribute == "UntypedStorage" ? Untyped : ByStorage.GetValueOrDefault(attribute);
}
