using ModelGarden.Contracts.V1;
using ModelGarden.Formats;
using Contract = ModelGarden.Contracts.V1;

namespace ModelGarden.Scanning;

/// <summary>What an examination found, in the words of the contract.</summary>
public static class FileReport
{
    // A template travels in every message about its file, and a message may be about 1,000: this is enough to show, and the file has it whole.
    private const int LongestTemplate = 16 << 10;
    private const int MostPorts = 256;

    /// <summary>Of these bytes, whatever their name.</summary>
    public static StoredFile Of(long size, Examination examination) => new()
    {
        Size = size,
        Verdict = examination.Verdict switch
        {
            Formats.Verdict.Clean => Contract.Verdict.Clean,
            Formats.Verdict.Suspicious => Contract.Verdict.Suspicious,
            _ => Contract.Verdict.Malicious,
        },
        Findings = { examination.Findings.Select(ToFinding) },
        Facts = ToFacts(examination),
        Recognized = examination.Recognised.ToString().ToLowerInvariant(),
    };

    public static Contract.Finding ToFinding(Formats.Finding finding)
    {
        var mapped = new Contract.Finding
        {
            Rule = finding.Token,
            Severity = finding.Weight,
            Message = finding.Message,
        };
        if (finding.Offset is { } offset)
        {
            mapped.Offset = offset;
        }

        return mapped;
    }

    /// <summary>Some of the tensors that a file lists.</summary>
    public static ReadTensorsResponse Tensors(Examination examination, int skip, int count)
    {
        var listed = examination.Facts?.Listed ?? [];
        return new()
        {
            Total = listed.Count,
            Tensors = { listed.Skip(skip).Take(count).Select(tensor => new Tensor { Name = tensor.Name, Type = tensor.Type, Shape = { tensor.Shape } }) },
        };
    }

    private static FileFacts ToFacts(Examination examination)
    {
        var facts = new FileFacts { Format = FormatOf(examination.Format) };
        switch (examination.Facts)
        {
            case SafetensorsFacts safetensors:
                AddParameters(facts, safetensors.Parameters, safetensors.ParametersByType);
                facts.TensorCount = safetensors.TensorCount;
                break;
            case GgufFacts gguf:
                AddParameters(facts, gguf.Parameters, gguf.ParametersByType);
                AddGguf(facts, gguf);
                break;
            case OnnxFacts onnx:
                AddParameters(facts, onnx.Parameters, onnx.ParametersByType);
                AddOnnx(facts, onnx);
                break;
            case TorchFacts torch:
                AddParameters(facts, torch.Parameters, torch.ParametersByType);
                facts.TensorCount = torch.TensorCount;
                facts.Format = "torch";
                break;
            case TransformersFacts config:
                AddConfig(facts, config);
                break;
            default:
                break;
        }

        return facts;
    }

    private static string FormatOf(FileFormat format) => format switch
    {
        FileFormat.Safetensors => "safetensors",
        FileFormat.Gguf => "gguf",
        FileFormat.Onnx => "onnx",
        FileFormat.TorchZip => "torch",
        FileFormat.Pickle => "pickle",
        FileFormat.Zip => "zip",
        FileFormat.Json => "json",
        FileFormat.Markdown or FileFormat.Text or FileFormat.Empty => "text",
        _ => "binary",
    };

    private static void AddParameters(FileFacts facts, long parameters, IReadOnlyDictionary<string, long> byType)
    {
        facts.Parameters = parameters;
        foreach (var (type, count) in byType)
        {
            facts.ParametersByType[type] = count;
        }
    }

    private static void AddGguf(FileFacts facts, GgufFacts gguf)
    {
        facts.TensorCount = gguf.TensorCount;
        facts.Architecture = gguf.Architecture ?? "";
        facts.Name = gguf.Name ?? "";
        facts.Quantization = gguf.Quantisation ?? "";
        facts.BaseModels.AddRange(gguf.BaseModels);
        facts.Tokenizer = gguf.TokenizerModel ?? "";
        facts.ChatTemplate = gguf.ChatTemplate is { Length: <= LongestTemplate } template ? template : gguf.ChatTemplate?[..LongestTemplate] ?? "";
        AddLengths(facts, gguf.ContextLength, gguf.EmbeddingLength, gguf.VocabularySize);
    }

    private static void AddConfig(FileFacts facts, TransformersFacts config)
    {
        facts.Architecture = config.ModelType ?? config.Architectures.FirstOrDefault("");
        facts.Architectures.AddRange(config.Architectures);
        facts.ModelType = config.ModelType ?? "";
        facts.Quantization = config.QuantisationMethod ?? "";
        facts.NeedsRemoteCode = config.NeedsRemoteCode;
        AddLengths(facts, config.MaxPositionEmbeddings, config.HiddenSize, config.VocabularySize);
    }

    private static void AddLengths(FileFacts facts, long? context, long? embedding, long? vocabulary)
    {
        if (context is { } tokens)
        {
            facts.ContextLength = tokens;
        }

        if (embedding is { } length)
        {
            facts.EmbeddingLength = length;
        }

        if (vocabulary is { } size)
        {
            facts.VocabularySize = size;
        }
    }

    private static void AddOnnx(FileFacts facts, OnnxFacts onnx)
    {
        facts.TensorCount = onnx.InitializerCount;
        facts.Name = onnx.GraphName ?? "";
        facts.Inputs.AddRange(onnx.Inputs.Take(MostPorts).Select(ToPort));
        facts.Outputs.AddRange(onnx.Outputs.Take(MostPorts).Select(ToPort));
        if (onnx.OperatorSets.FirstOrDefault(set => set.Domain is "" or "ai.onnx") is { } standard)
        {
            facts.Opset = standard.Version;
        }
    }

    private static TensorPort ToPort(OnnxValue value) => new()
    {
        Name = value.Name,
        Type = value.Type.ToLowerInvariant(),
        Shape = { (value.Shape ?? []).Select(dimension => long.TryParse(dimension, out var number) ? number : -1) },
    };
}
