using System.Text.Json;
using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Json;

/// <summary>Checks that a whole file is JSON, one token at a time, and picks the facts out of a transformers <c>config.json</c> on the way.</summary>
internal sealed class JsonExaminer(ByteReader reader)
{
    private const int MaximumArchitectures = 16;
    private const int MaximumText = 256;
    private readonly List<string> _architectures = [];
    private TransformersFacts _facts = new();
    private bool _isModel;

    /// <summary>Who sees the tokens too.</summary>
    public IReadOnlyList<IJsonWatch> Watches { get; init; } = [];

    /// <summary>Where the first number stood that Python's JSON has, and JSON has not.</summary>
    public long? PythonNumberAt { get; private set; }

    /// <summary>Reads to the end; faults go to the reader.</summary>
    /// <param name="manyValues">Whether values may follow each other, as in JSON lines.</param>
    public TransformersFacts? Examine(bool manyValues)
    {
        if (reader.Peek(3).SequenceEqual("\uFEFF"u8))
        {
            reader.Skip(3);
        }

        using var json = new JsonTokens(reader, reader.Remaining, "json", manyValues) { Watches = Watches, TakesPythonNumbers = true };
        if (!json.Read() && !reader.Failed)
        {
            reader.Fail("json.json", "the file has no JSON value");
        }

        if (json.Is(JsonTokenType.StartObject))
        {
            ReadConfig(json, isNested: false);
        }

        while (json.Read())
        {
        }

        PythonNumberAt = json.PythonNumberAt;
        return _isModel && !reader.Failed ? _facts with { Architectures = _architectures } : null;
    }

    private void ReadConfig(JsonTokens json, bool isNested)
    {
        while (json.Read() && json.Is(JsonTokenType.PropertyName))
        {
            var key = json.Raw.Length <= MaximumText ? json.Text() : "";
            if (!json.Read())
            {
                return;
            }

            ReadField(json, key, isNested);
        }
    }

    private void ReadField(JsonTokens json, string? key, bool isNested)
    {
        switch (key)
        {
            case "architectures" when !isNested && json.Is(JsonTokenType.StartArray):
                ReadArchitectures(json);
                break;
            case "model_type" when !isNested:
                _facts = _facts with { ModelType = Text(json) };
                _isModel |= _facts.ModelType is not null;
                break;
            case "max_position_embeddings":
                _facts = _facts with { MaxPositionEmbeddings = Number(json) ?? _facts.MaxPositionEmbeddings };
                break;
            case "dtype" or "torch_dtype":
                _facts = _facts with { DataType = Text(json) ?? _facts.DataType };
                break;
            case "hidden_size":
                _facts = _facts with { HiddenSize = Number(json) ?? _facts.HiddenSize };
                break;
            case "num_hidden_layers":
                _facts = _facts with { HiddenLayers = Number(json) ?? _facts.HiddenLayers };
                break;
            case "vocab_size":
                _facts = _facts with { VocabularySize = Number(json) ?? _facts.VocabularySize };
                break;
            case "quant_method":
                _facts = _facts with { QuantisationMethod = Text(json) };
                break;
            case "auto_map":
                _facts = _facts with { NeedsRemoteCode = true };
                json.SkipValue();
                break;
            case "text_config" or "llm_config" or "quantization_config" when !isNested && json.Is(JsonTokenType.StartObject):
                ReadConfig(json, isNested: true);
                break;
            default:
                json.SkipValue();
                break;
        }
    }

    private void ReadArchitectures(JsonTokens json)
    {
        while (json.Read() && !json.Is(JsonTokenType.EndArray))
        {
            if (Text(json) is { } name && _architectures.Count < MaximumArchitectures)
            {
                _architectures.Add(name);
                _isModel = true;
            }
        }
    }

    // A value of another type than expected is passed over: it is for the library that reads it to complain.
    private static string? Text(JsonTokens json)
    {
        var text = json.Is(JsonTokenType.String) && json.Raw.Length <= MaximumText ? json.Text() : null;
        json.SkipValue();
        return text;
    }

    private static long? Number(JsonTokens json)
    {
        long? number = json.TryUnsigned(out var value) && value <= long.MaxValue ? (long)value : null;
        json.SkipValue();
        return number;
    }
}
