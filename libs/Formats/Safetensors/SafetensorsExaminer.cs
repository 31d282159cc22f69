using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ModelGarden.Formats.IO;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Safetensors;

/// <summary>
/// Holds a file to every rule of the safetensors format (<see href="https://huggingface.co/docs/safetensors"/>). Only the header is read,
/// as a stream of tokens; tensor bytes are never looked at.
/// </summary>
internal sealed class SafetensorsExaminer(ByteReader reader, Findings findings)
{
    /// <summary>The format's own limit on the header.</summary>
    public const long MaximumHeader = 100_000_000;

    private const string MetadataKey = "__metadata__";
    private const int MaximumRank = 64;
    private const int MaximumMetadataText = 1024 * 1024;
    private readonly Tally _tally = new();
    private readonly Extents _extents = new();
    private readonly HashSet<UInt128> _names = [];
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private long _header;
    private int _metadataText;

    private long Buffer => reader.Length - 8 - _header;

    public SafetensorsFacts? Examine()
    {
        if (!ReadLength())
        {
            return null;
        }

        using var json = new JsonTokens(reader, _header, "safetensors");
        ReadHeader(json);
        if (reader.Failed)
        {
            return null;
        }

        if (!json.OnlyPaddingFollows((byte)' '))
        {
            reader.Fail("safetensors.padding", "the header's object is followed by something else than spaces", 8);
        }

        _extents.Check(findings, "safetensors", 8 + _header, Buffer, 0);
        return new()
        {
            TensorCount = _tally.Count,
            Tensors = _tally.Tensors,
            ParametersByType = _tally.ByType,
            Parameters = _tally.Total,
            Metadata = _metadata,
        };
    }

    private bool ReadLength()
    {
        var length = reader.U64();
        _header = (long)Math.Min(length, long.MaxValue);
        if (reader.Failed)
        {
            return false;
        }

        if (length is > MaximumHeader or < 2)
        {
            reader.Fail("safetensors.header-length", $"the header claims {length} bytes: 2 to {MaximumHeader} are allowed", 0);
        }
        else if (_header > reader.Remaining)
        {
            reader.Fail("safetensors.header-length", $"the header claims {length} bytes, the file has {reader.Remaining} more", 0);
        }
        else if (reader.Peek(1) is not [(byte)'{'])
        {
            reader.Fail("safetensors.header-start", "the header does not begin with '{'", 8);
        }

        return !reader.Failed;
    }

    private void ReadHeader(JsonTokens json)
    {
        json.Read();
        while (json.Read() && json.Is(JsonTokenType.PropertyName))
        {
            var name = json.Text();
            if (name is null || !IsFirst(json, name))
            {
                return;
            }

            if (name == MetadataKey)
            {
                ReadMetadata(json);
            }
            else
            {
                ReadTensor(json, name);
            }
        }
    }

    private bool IsFirst(JsonTokens json, string name)
    {
        if (!_names.Add(Fingerprint(name)))
        {
            reader.Fail("safetensors.duplicate-key", $"the key '{Text.Shorten(name)}' comes twice: readers disagree on which counts", json.Offset);
        }
        else if (_names.Count > Tally.MaximumTensors)
        {
            reader.Fail("safetensors.too-many-tensors", $"more than {Tally.MaximumTensors} tensors", json.Offset);
        }

        return !reader.Failed;
    }

    private void ReadMetadata(JsonTokens json)
    {
        if (!Expect(json, JsonTokenType.StartObject, MetadataKey, "an object"))
        {
            return;
        }

        var keys = new HashSet<UInt128>();
        while (json.Read() && json.Is(JsonTokenType.PropertyName))
        {
            var key = json.Text() ?? "";
            if (!keys.Add(Fingerprint(key)))
            {
                reader.Fail("safetensors.duplicate-key", $"the metadata key '{Text.Shorten(key)}' comes twice", json.Offset);
            }

            if (Expect(json, JsonTokenType.String, MetadataKey, "text only") && json.Text() is { } value)
            {
                KeepMetadata(key, value);
            }
        }
    }

    private void KeepMetadata(string key, string value)
    {
        if (_metadataText + key.Length + value.Length <= MaximumMetadataText)
        {
            _metadataText += key.Length + value.Length;
            _metadata[key] = value;
        }
    }

    private void ReadTensor(JsonTokens json, string name)
    {
        var start = json.Offset;
        if (!Expect(json, JsonTokenType.StartObject, name, "an object"))
        {
            return;
        }

        string? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (json.Read() && json.Is(JsonTokenType.PropertyName))
        {
            var field = json.Text();
            var repeated = false;
            switch (field)
            {
                case "dtype":
                    repeated = type is not null;
                    type = Expect(json, JsonTokenType.String, name, "text as dtype") ? json.Text() : null;
                    break;
                case "shape":
                    repeated = shape is not null;
                    shape = ReadNumbers(json, name, MaximumRank);
                    break;
                case "data_offsets":
                    repeated = offsets is not null;
                    offsets = ReadNumbers(json, name, 2);
                    break;
                default:
                    findings.Warn("safetensors.unknown-field", $"tensor '{Text.Shorten(name)}' has a field '{Text.Shorten(field)}' that the format does not know", json.Offset);
                    json.Read();
                    json.SkipValue();
                    break;
            }

            if (repeated)
            {
                reader.Fail("safetensors.duplicate-key", $"tensor '{Text.Shorten(name)}' has '{field}' twice", json.Offset);
            }
        }

        if (!reader.Failed)
        {
            CheckTensor(new(name, start, type, shape, offsets));
        }
    }

    private long[]? ReadNumbers(JsonTokens json, string name, int maximum)
    {
        if (!Expect(json, JsonTokenType.StartArray, name, "a list of numbers"))
        {
            return null;
        }

        var numbers = new List<long>();
        while (json.Read() && !json.Is(JsonTokenType.EndArray))
        {
            if (!json.TryUnsigned(out var number) || number > long.MaxValue)
            {
                reader.Fail("safetensors.number", $"tensor '{Text.Shorten(name)}' has a shape or offset that is no whole number from 0 to 2^63-1", json.Offset);
            }
            else if (numbers.Count == maximum)
            {
                reader.Fail("safetensors.rank", $"tensor '{Text.Shorten(name)}' has a list of more than {maximum} numbers", json.Offset);
            }

            numbers.Add((long)number);
        }

        return reader.Failed ? null : [.. numbers];
    }

    private void CheckTensor(Entry tensor)
    {
        if (Fault(tensor, out var elements) is { } fault)
        {
            findings.Suspicious($"safetensors.{fault.Rule}", $"tensor '{Text.Shorten(tensor.Name)}' {fault.Message}", tensor.Position);
        }
        else
        {
            _extents.Add(tensor.Offsets![0], tensor.Offsets[1]);
            if (!_tally.Add(tensor.Name, tensor.Type!, tensor.Shape!, elements))
            {
                findings.Suspicious("safetensors.overflow", "the tensors have more than 2^63-1 elements together", tensor.Position);
            }
        }
    }

    private (string Rule, string Message)? Fault(Entry tensor, out long elements)
    {
        elements = 0;
        if (tensor is not { Type: { } type, Shape: { } shape, Offsets: [var begin, var end] })
        {
            return ("missing-field", "lacks one of dtype, shape and data_offsets, or has not two offsets");
        }

        if (!ElementTypes.Bits.TryGetValue(type, out var width))
        {
            return ("dtype", $"has the dtype '{Text.Shorten(type)}', which the format does not know");
        }

        if (begin > end || end > Buffer)
        {
            return ("offsets", $"claims bytes {begin} to {end} of a buffer of {Buffer}");
        }

        if (Tally.Elements(shape) is not { } count || count > long.MaxValue / width)
        {
            return ("overflow", "has a shape whose size does not fit 64 bits");
        }

        elements = count;
        return count * width % 8 != 0 ? ("sub-byte", $"has {count} elements of {width} bits, which fill no whole bytes")
            : count * width / 8 != end - begin ? ("size", $"claims {end - begin} bytes, its shape and dtype need {count * width / 8}")
            : null;
    }

    private bool Expect(JsonTokens json, JsonTokenType type, string name, string what)
    {
        if (json.Read() && !json.Is(type))
        {
            reader.Fail("safetensors.structure", $"'{Text.Shorten(name)}' is to hold {what}", json.Offset);
        }

        return json.Is(type);
    }

    // A name is kept as 128 bits of its SHA-256: sixteen bytes each however long names are, and nobody can make two collide.
    private static UInt128 Fingerprint(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }

    private sealed record Entry(string Name, long Position, string? Type, long[]? Shape, long[]? Offsets);
}
