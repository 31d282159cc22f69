using System.Globalization;
using ModelGarden.Formats.IO;
using ModelGarden.Formats.Templates;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Gguf;

/// <summary>Reads the typed key-value pairs of a GGUF file. Arrays are passed over and counted, never held.</summary>
internal sealed class KeyValues(ByteReader reader, Findings findings)
{
    private const uint Bool = 7;
    private const uint String = 8;
    private const uint Array = 9;
    private const int MaximumKey = 65_535;
    private const int MaximumKeptText = 4 * 1024;
    private const int MaximumKept = 1024;
    private const int MaximumText = 4 * 1024 * 1024;
    private const string TemplateKey = "tokenizer.chat_template";
    private const int MaximumPairs = 100_000;
    private const int MaximumArrayDepth = 4;

    // The least bytes a pair can have: an empty key's length, a type, one byte of value.
    private const int SmallestPair = 8 + 4 + 1;

    private static readonly string[] Names = ["UINT8", "INT8", "UINT16", "INT16", "UINT32", "INT32", "FLOAT32", "BOOL", "STRING", "ARRAY", "UINT64", "INT64", "FLOAT64"];
    private static readonly int[] Sizes = [1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8];
    private readonly List<GgufEntry> _kept = [];
    private readonly Dictionary<string, GgufEntry> _pairs = new(StringComparer.Ordinal);
    private int _text;

    public IReadOnlyList<GgufEntry> Kept => _kept;

    public long TemplateLength { get; private set; }

    public void Read(ulong count)
    {
        if (count > MaximumPairs || count > (ulong)reader.Remaining / SmallestPair)
        {
            reader.Fail("gguf.count", $"{count} key-value pairs are claimed: at most {MaximumPairs} are allowed and the file has {reader.Remaining} more bytes", 16);
            return;
        }

        for (var pair = 0UL; pair < count && !reader.Failed; pair++)
        {
            ReadPair();
        }
    }

    public string? Text(string key) => _pairs.GetValueOrDefault(key) is { Type: "STRING", Value: { } value } ? value : null;

    public long? Number(string key) =>
        _pairs.GetValueOrDefault(key) is { Value: { } value } entry && (entry.Type.StartsWith("UINT", StringComparison.Ordinal) || entry.Type.StartsWith("INT", StringComparison.Ordinal))
        && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    public GgufEntry? Find(string key) => _pairs.GetValueOrDefault(key);

    private void ReadPair()
    {
        var start = reader.Position;
        var key = ReadKey();
        var type = reader.U32();
        if (reader.Failed)
        {
            return;
        }

        if (type >= Names.Length)
        {
            reader.Fail("gguf.value-type", $"key '{Kernel.Text.Shorten(key)}' has the value type {type}, which the format does not know", start);
            return;
        }

        var entry = type == Array ? ReadArray(key) : new GgufEntry(key, Names[type], ReadValue(key, type), null);
        if (!reader.Failed)
        {
            Keep(entry);
        }
    }

    private string ReadKey()
    {
        var start = reader.Position;
        var length = reader.U64();
        if (length is 0 or > MaximumKey || length > (ulong)reader.Remaining)
        {
            reader.Fail("gguf.key", $"a key of {length} bytes: 1 to {MaximumKey} are allowed, the file has {reader.Remaining} more", start);
            return "";
        }

        var key = reader.Text((long)length, MaximumKey);
        if (_pairs.ContainsKey(key))
        {
            reader.Fail("gguf.duplicate-key", $"the key '{Kernel.Text.Shorten(key)}' comes twice: readers disagree on which counts", start);
        }

        return key;
    }

    private string ReadValue(string key, uint type) => type switch
    {
        0 => Show(reader.U8()),
        1 => Show((sbyte)reader.U8()),
        2 => Show(reader.U16()),
        3 => Show((short)reader.U16()),
        4 => Show(reader.U32()),
        5 => Show((int)reader.U32()),
        6 => Show(BitConverter.UInt32BitsToSingle(reader.U32())),
        Bool => ReadBool(key),
        String => ReadString(key),
        10 => Show(reader.U64()),
        11 => Show((long)reader.U64()),
        _ => Show(BitConverter.UInt64BitsToDouble(reader.U64())),
    };

    private static string Show(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private string ReadBool(string key)
    {
        var value = reader.U8();
        if (value > 1)
        {
            reader.Fail("gguf.bool", $"key '{Kernel.Text.Shorten(key)}' has the truth value {value}");
        }

        return value == 1 ? "true" : "false";
    }

    // The usual one, and those for other uses: tokenizer.chat_template.tool_use.
    private static bool IsTemplate(string key) => key.StartsWith(TemplateKey, StringComparison.Ordinal);

    private string ReadString(string key)
    {
        var start = reader.Position;
        var length = ReadStringLength();
        if (!IsTemplate(key))
        {
            return reader.Failed ? "" : reader.Text(length, MaximumKeptText);
        }

        TemplateLength = key == TemplateKey ? length : TemplateLength;
        var text = reader.Failed ? "" : reader.Text(length, GgufFacts.MaximumTemplateLength);
        if (!reader.Failed)
        {
            new TemplateExaminer(findings, start).Examine(text, length);
        }

        return text;
    }

    private long ReadStringLength()
    {
        var length = reader.U64();
        if (length > (ulong)reader.Remaining)
        {
            reader.Fail("gguf.string-length", $"a text of {length} bytes is claimed, the file has {reader.Remaining} more", reader.Position - 8);
            return 0;
        }

        return (long)length;
    }

    private GgufEntry ReadArray(string key)
    {
        var type = reader.U32();
        var count = reader.U64();
        PassArray(type, count, 1);
        return new(key, type < Names.Length ? Names[type] : "", null, (long)Math.Min(count, long.MaxValue));
    }

    private void PassArray(uint type, ulong count, int depth)
    {
        if (reader.Failed)
        {
            return;
        }

        if (type >= Names.Length || depth > MaximumArrayDepth)
        {
            reader.Fail("gguf.value-type", $"an array of elements of type {type}, {depth} deep: the format knows no such type or it is too deep");
        }
        else if (count > (ulong)reader.Remaining / (ulong)Sizes[type])
        {
            reader.Fail("gguf.array-length", $"an array of {count} {Names[type]} is claimed, the file has {reader.Remaining} more bytes");
        }
        else if (type is not (String or Array))
        {
            reader.Skip((long)count * Sizes[type]);
        }
        else
        {
            PassElements(type, count, depth);
        }
    }

    private void PassElements(uint type, ulong count, int depth)
    {
        for (var element = 0UL; element < count && !reader.Failed; element++)
        {
            if (type == String)
            {
                reader.Skip(ReadStringLength());
            }
            else
            {
                var inner = reader.U32();
                PassArray(inner, reader.U64(), depth + 1);
            }
        }
    }

    private void Keep(GgufEntry entry)
    {
        _text += entry.Key.Length + (entry.Value?.Length ?? 0);
        if (_text > MaximumText)
        {
            reader.Fail("gguf.too-much-text", $"keys and values are longer than {MaximumText} characters together, arrays not counted");
            return;
        }

        _pairs[entry.Key] = entry;
        if (_kept.Count < MaximumKept && !IsTemplate(entry.Key))
        {
            _kept.Add(entry);
        }
    }
}
