using System.Text.Json;
using ModelGarden.Formats;
using FormatVerdict = ModelGarden.Formats.Verdict;

namespace ModelGarden.Catalog.Facts;

/// <summary>Examines the files that the catalog keeps itself; the large ones are Artifacts' matter.</summary>
internal static class SmallFiles
{
    private const string Config = "config.json";
    private const string TokenizerConfig = "tokenizer_config.json";

    /// <summary>What of a path matters to an examination: the same content under another such name is examined again.</summary>
    public static string NameClass(string path) => FileNames.Of(path) switch
    {
        Config => Config,
        TokenizerConfig => TokenizerConfig,
        var name => FileNames.EndingOf(name),
    };

    /// <summary>What is worth keeping; null: the file is clean and says nothing of a model.</summary>
    /// <param name="kind">See <see cref="NameClass"/>: what is found is kept for all names of the class, so it tells of none.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="scanned">What scanners found in it; null: they are still to look at it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static StoredFile? Examine(string kind, byte[] content, IReadOnlyList<Formats.Finding>? scanned, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(content, writable: false);
        var examination = FileExaminer.Examine(kind is ['.', ..] ? $"file{kind}" : kind, stream, content.Length, cancellationToken);
        examination = examination with { Findings = [.. scanned ?? [], .. examination.Findings] };
        var facts = FactsOf(examination);
        if (kind is TokenizerConfig && ChatTemplate(content) is { } template)
        {
            facts = new() { Format = "json", ChatTemplate = template };
        }

        if (facts is null && scanned is not null && examination.Verdict is FormatVerdict.Clean)
        {
            return null;
        }

        return new()
        {
            Size = content.Length,
            Verdict = examination.Verdict switch
            {
                FormatVerdict.Clean => scanned is null ? Verdict.Pending : Verdict.Clean,
                FormatVerdict.Malicious => Verdict.Malicious,
                _ => Verdict.Suspicious,
            },
            Findings = { examination.Findings.Select(ToFinding) },
            Examiner = FileExaminer.Rules,
            Facts = facts,
        };
    }

    private static FileFacts? FactsOf(Examination examination) => examination.Facts switch
    {
        SafetensorsFacts facts => WithTypes(new() { Format = "safetensors", Parameters = facts.Parameters, TensorCount = facts.TensorCount }, facts.ParametersByType),
        GgufFacts facts => GgufFactsOf(facts),
        OnnxFacts facts => WithTypes(new() { Format = "onnx", Parameters = facts.Parameters, Name = facts.GraphName ?? "" }, facts.ParametersByType),
        TorchFacts facts => WithTypes(new() { Format = "torch", Parameters = facts.Parameters, TensorCount = facts.TensorCount }, facts.ParametersByType),
        TransformersFacts facts => TransformersFactsOf(facts),
        _ => examination.Format switch
        {
            FileFormat.TorchZip => new() { Format = "torch" },
            FileFormat.Pickle => new() { Format = "pickle" },
            _ => null,
        },
    };

    private static FileFacts GgufFactsOf(GgufFacts facts)
    {
        var told = new FileFacts
        {
            Format = "gguf",
            Parameters = facts.Parameters,
            Architecture = facts.Architecture ?? "",
            Quantization = facts.Quantisation ?? "",
            ChatTemplate = facts.ChatTemplate ?? "",
            TensorCount = facts.TensorCount,
            Name = facts.Name ?? "",
            BaseModels = { facts.BaseModels },
        };
        if (facts.ContextLength is { } length)
        {
            told.ContextLength = length;
        }

        return WithTypes(told, facts.ParametersByType);
    }

    private static FileFacts TransformersFactsOf(TransformersFacts facts)
    {
        var told = new FileFacts { Format = "json", Architecture = facts.ModelType ?? facts.Architectures.FirstOrDefault("") };
        if (facts.MaxPositionEmbeddings is { } length)
        {
            told.ContextLength = length;
        }

        return told;
    }

    private static FileFacts WithTypes(FileFacts facts, IReadOnlyDictionary<string, long> parametersByType)
    {
        foreach (var (type, count) in parametersByType)
        {
            facts.ParametersByType[type] = count;
        }

        return facts;
    }

    public static Contracts.V1.Finding ToFinding(Formats.Finding finding)
    {
        var told = new Contracts.V1.Finding
        {
            Rule = finding.Token,
            Severity = finding.Weight,
            Message = finding.Message,
        };
        if (finding.Offset is { } offset)
        {
            told.Offset = offset;
        }

        return told;
    }

    private static string? ChatTemplate(byte[] content)
    {
        try
        {
            using var json = JsonDocument.Parse(content);
            return json.RootElement.ValueKind is JsonValueKind.Object && json.RootElement.TryGetProperty("chat_template", out var template)
                && template.ValueKind is JsonValueKind.String or JsonValueKind.Array ? template.ToString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
