using System.Numerics;
using ModelGarden.Formats.IO;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Gguf;

/// <summary>
/// Holds a file to the rules of GGUF versions 2 and 3 (<see href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"/>). Every count and
/// length is held against the bytes that are left before anything is made of it; tensor bytes are never looked at.
/// </summary>
internal sealed class GgufExaminer(ByteReader reader, Findings findings)
{
    public const uint Magic = 0x46554747;

    private const int MaximumName = 64;
    private const int MaximumRank = 4;
    private const int DefaultAlignment = 32;
    private const int MaximumAlignment = 1 << 26;

    // The least bytes a tensor's entry can have: name length, rank, type, offset.
    private const int SmallestEntry = 8 + 4 + 4 + 8;

    private readonly KeyValues _values = new(reader, findings);
    private readonly Tally _tally = new();
    private readonly Extents _extents = new();
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<Entry> _entries = [];
    private uint _version;
    private int _alignment = DefaultAlignment;

    public GgufFacts? Examine()
    {
        var tensors = ReadHead(out var pairs);
        if (!reader.Failed)
        {
            _values.Read(pairs);
            ReadAlignment();
            ReadEntries(tensors);
        }

        if (reader.Failed)
        {
            return null;
        }

        CheckData();
        return Facts();
    }

    private ulong ReadHead(out ulong pairs)
    {
        pairs = 0;
        var magic = reader.U32();
        _version = reader.U32();
        if (reader.Failed)
        {
            return 0;
        }

        if (magic != Magic)
        {
            reader.Fail("gguf.magic", "the file does not begin with 'GGUF'", 0);
        }
        else if (VersionFault(_version) is { } fault)
        {
            reader.Fail("gguf.version", fault, 4);
        }

        var tensors = reader.U64();
        pairs = reader.U64();
        if (tensors > Tally.MaximumTensors || tensors > (ulong)reader.Remaining / SmallestEntry)
        {
            reader.Fail("gguf.count", $"{tensors} tensors are claimed: at most {Tally.MaximumTensors} are allowed and the file has {reader.Remaining} more bytes", 8);
        }

        return tensors;
    }

    private static string? VersionFault(uint version) => version switch
    {
        2 or 3 => null,
        1 => "this is GGUF version 1, which no current reader takes: convert it to version 3",
        0x0200_0000 or 0x0300_0000 => "this is a big-endian GGUF file, which is not served here: convert it to little-endian",
        _ => $"this claims to be GGUF version {version}: 2 and 3 are known",
    };

    private void ReadAlignment()
    {
        if (reader.Failed || _values.Find("general.alignment") is not { } entry)
        {
            return;
        }

        if (entry.Type == "UINT32" && _values.Number(entry.Key) is >= 8 and <= MaximumAlignment and var alignment && BitOperations.IsPow2(alignment))
        {
            _alignment = (int)alignment;
        }
        else
        {
            reader.Fail("gguf.alignment", $"general.alignment is {Text.Shorten(entry.Value)} of type {entry.Type}: a UINT32 and power of two from 8 to {MaximumAlignment} is expected");
        }
    }

    private void ReadEntries(ulong count)
    {
        for (var index = 0UL; index < count && !reader.Failed; index++)
        {
            ReadEntry();
        }
    }

    private void ReadEntry()
    {
        var start = reader.Position;
        var length = reader.U64();
        if (!reader.Failed && length is 0 or > MaximumName)
        {
            reader.Fail("gguf.tensor-name", $"a tensor name of {length} bytes: 1 to {MaximumName} are allowed", start);
        }

        var name = reader.Failed ? "" : reader.Text((long)length, MaximumName);
        var rank = reader.U32();
        if (!reader.Failed && rank > MaximumRank)
        {
            reader.Fail("gguf.rank", $"tensor '{Text.Shorten(name)}' has {rank} dimensions: at most {MaximumRank} are allowed", start);
        }

        var shape = new long[reader.Failed ? 0 : (int)rank];
        for (var dimension = 0; dimension < shape.Length; dimension++)
        {
            shape[dimension] = (long)reader.U64();
        }

        var entry = new Entry(name, start, shape, reader.U32(), reader.U64());
        if (!reader.Failed && !_names.Add(name))
        {
            reader.Fail("gguf.duplicate-tensor", $"the tensor '{Text.Shorten(name)}' comes twice", start);
        }

        _entries.Add(entry);
    }

    private void CheckData()
    {
        var origin = (reader.Position + _alignment - 1) / _alignment * _alignment;
        var data = Math.Max(0, reader.Length - origin);
        foreach (var entry in _entries)
        {
            if (Fault(entry, data) is { } fault)
            {
                findings.Suspicious($"gguf.{fault.Rule}", $"tensor '{Text.Shorten(entry.Name)}' {fault.Message}", entry.Position);
            }
        }

        // A tensor ends where it ends; up to the next multiple of the alignment there is padding.
        _extents.Check(findings, "gguf", origin, data, _alignment - 1);
    }

    private (string Rule, string Message)? Fault(Entry entry, long data)
    {
        if (TensorTypes.Find(entry.Type) is not { } type)
        {
            return ("tensor-type", $"has the type {entry.Type}, which is unknown or was withdrawn");
        }

        if (Tally.Elements(entry.Shape) is not { } elements || entry.Shape.Contains(0) || elements / type.BlockElements > long.MaxValue / type.BlockBytes)
        {
            return ("shape", "has a dimension of 0 or a size that does not fit 63 bits");
        }

        if ((entry.Shape is [var row, ..] ? row : 1) % type.BlockElements != 0)
        {
            return ("block", $"has rows that are no multiple of {type.Name}'s block of {type.BlockElements}");
        }

        var size = elements / type.BlockElements * type.BlockBytes;
        if (entry.Offset % (ulong)_alignment != 0)
        {
            return ("misaligned", $"begins at {entry.Offset}, which is no multiple of the alignment {_alignment}");
        }

        if (entry.Offset > (ulong)data || size > data - (long)entry.Offset)
        {
            return ("offsets", $"claims {size} bytes from {entry.Offset} on, the file has {data} bytes of tensors");
        }

        _extents.Add((long)entry.Offset, (long)entry.Offset + size);
        return _tally.Add(entry.Name, type.Name, entry.Shape, elements) ? null : ("overflow", "takes the number of all elements over 2^63-1");
    }

    private GgufFacts Facts()
    {
        var architecture = _values.Text("general.architecture");
        var fileType = _values.Number("general.file_type");
        return new()
        {
            Version = (int)_version,
            Architecture = architecture,
            Name = _values.Text("general.name"),
            ContextLength = _values.Number($"{architecture}.context_length"),
            EmbeddingLength = _values.Number($"{architecture}.embedding_length"),
            BlockCount = _values.Number($"{architecture}.block_count"),
            FileType = fileType,
            DominantType = _tally.Dominant,
            Quantisation = TensorTypes.FileType(fileType) ?? _tally.Dominant,
            Parameters = _tally.Total,
            ParametersByType = _tally.ByType,
            TensorCount = _entries.Count,
            Tensors = _tally.Tensors,
            ChatTemplate = _values.Text("tokenizer.chat_template"),
            ChatTemplateLength = _values.TemplateLength,
            TokenizerModel = _values.Text("tokenizer.ggml.model"),
            VocabularySize = _values.Find("tokenizer.ggml.tokens")?.Count,
            Metadata = _values.Kept,
        };
    }

    private sealed record Entry(string Name, long Position, long[] Shape, uint Type, ulong Offset);
}
