using System.Text.RegularExpressions;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Errors;

namespace ModelGarden.Catalog.Facts;

/// <summary>One file of a revision and what its bytes say.</summary>
internal sealed record MeasuredFile(string Path, long Size, Verdict Verdict, FileFacts? Facts)
{
    /// <summary>Why it is not clean; null: nobody said.</summary>
    public Finding? Finding { get; init; }

    /// <summary>Null: it is clean, or the caller may have others too.</summary>
    public Error? Refusal(SeenRepository repository) => repository.IsReviewer || Verdict is Verdict.Clean
        ? null
        : FileErrors.NotClean($"'{Text.Shorten(Path)}' of {repository.Row.Name}", Verdict, Finding);

    public string FileName => Path[(Path.LastIndexOf('/') + 1)..];
}

/// <summary>Puts what the files say together to what the revision is. Pure.</summary>
internal static partial class Measuring
{
    private const int MaximumBases = 50;
    private static readonly HashSet<string> WeightFormats = ["safetensors", "gguf", "onnx", "torch", "pickle"];
    private const int MaximumPorts = 64;
    private static readonly HashSet<string> TemplateFiles = ["chat_template.jinja", "chat_template.json"];
    private static readonly HashSet<string> TokenizerFiles = ["tokenizer.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "vocab.txt", "vocab.json", "tekken.json", "tiktoken.model"];

    public static MeasuredFacts Of(IReadOnlyCollection<MeasuredFile> files, AdapterConfig? adapter = null)
    {
        var weights = Weights(files);
        var config = files.Where(file => file.FileName is "config.json" && file.Facts is not null).OrderBy(file => file.Path.Count(c => c is '/')).FirstOrDefault()?.Facts;
        var speaking = weights.Select(file => file.Facts!).Append(config).OfType<FileFacts>().ToList();
        var measured = new MeasuredFacts
        {
            Architecture = speaking.Select(facts => facts.Architecture).FirstOrDefault(name => name.Length > 0, ""),
            Formats = { Named(files, facts => WeightFormats.Contains(facts.Format) ? facts.Format : "") },
            Quantizations = { Named(files, facts => facts.Quantization) },
            Size = files.Sum(file => file.Size),
            FileCount = files.Count,
            Verdict = Worst(files),
            BaseModels = { BaseModels(files, adapter) },
            ChatTemplate = files.Any(file => file.Facts is { ChatTemplate.Length: > 0 } || TemplateFiles.Contains(file.FileName)),
            Tokenizer = files.Any(file => file.Facts is { Tokenizer.Length: > 0 } || TokenizerFiles.Contains(file.FileName)),
            Architectures = { config?.Architectures ?? [] },
            ModelType = config?.ModelType ?? "",
            NeedsRemoteCode = files.Any(file => file.Facts is { NeedsRemoteCode: true }),
        };
        measured.BaseModelRelation = adapter is not null ? "adapter" : measured.Formats is ["gguf"] ? "quantized" : "";
        if (weights.Count > 0)
        {
            measured.Parameters = weights.Sum(file => file.Facts!.Parameters);
        }

        foreach (var (type, count) in weights.SelectMany(file => file.Facts!.ParametersByType))
        {
            measured.ParametersByType[type] = measured.ParametersByType.GetValueOrDefault(type) + count;
        }

        if (speaking.FirstOrDefault(facts => facts.HasContextLength) is { } speaker)
        {
            measured.ContextLength = speaker.ContextLength;
        }

        if (speaking.FirstOrDefault(facts => facts.HasVocabularySize) is { } teller)
        {
            measured.VocabularySize = teller.VocabularySize;
        }

        AddGraph(measured, files);
        return measured;
    }

    private static void AddGraph(MeasuredFacts measured, IEnumerable<MeasuredFile> files)
    {
        var graphs = files.Where(file => file.Facts is { Format: "onnx" });
        if (graphs.OrderByDescending(file => file.Facts!.Parameters).ThenBy(file => file.Path, StringComparer.Ordinal).FirstOrDefault()?.Facts is not { } graph)
        {
            return;
        }

        measured.Inputs.AddRange(graph.Inputs.Take(MaximumPorts));
        measured.Outputs.AddRange(graph.Outputs.Take(MaximumPorts));
        if (graph.HasOpset)
        {
            measured.Opset = graph.Opset;
        }
    }

    /// <summary>
    /// The files that together are the model: of safetensors the largest set of shards, else the largest GGUF, else the largest ONNX. A
    /// repository often holds the same weights several times, so adding everything up would count them twice.
    /// </summary>
    private static IReadOnlyList<MeasuredFile> Weights(IReadOnlyCollection<MeasuredFile> files)
    {
        foreach (var format in new[] { "safetensors", "gguf", "onnx" })
        {
            var sets = files.Where(file => file.Facts is { HasParameters: true } facts && facts.Format == format).GroupBy(file => SetOf(file.Path));
            if (sets.OrderByDescending(set => set.Sum(file => file.Facts!.Parameters)).ThenBy(set => set.Key, StringComparer.Ordinal).FirstOrDefault() is { } largest)
            {
                return [.. largest.OrderBy(file => file.Path, StringComparer.Ordinal)];
            }
        }

        return [];
    }

    /// <summary>The same for all shards of one set.</summary>
    public static string SetOf(string path) => Shard().Replace(path, "-of-$1.");

    private static IEnumerable<string> BaseModels(IEnumerable<MeasuredFile> files, AdapterConfig? adapter) =>
        files.SelectMany(file => file.Facts?.BaseModels ?? []).Order(StringComparer.Ordinal).Prepend(adapter?.BaseModel).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Take(MaximumBases);

    private static IEnumerable<string> Named(IEnumerable<MeasuredFile> files, Func<FileFacts, string> name) =>
        files.Where(file => file.Facts is not null).Select(file => name(file.Facts!)).Where(text => text.Length > 0).Distinct().Order(StringComparer.Ordinal);

    private static Verdict Worst(IReadOnlyCollection<MeasuredFile> files) =>
        files.Count is 0 ? Verdict.Unspecified : files.MaxBy(file => Weight(file.Verdict))!.Verdict;

    private static int Weight(Verdict verdict) => verdict switch
    {
        Verdict.Clean => 0,
        Verdict.Suspicious => 2,
        Verdict.Malicious => 3,
        _ => 1,
    };

    [GeneratedRegex(@"-\d{5}-of-(\d{5})\.", RegexOptions.CultureInvariant)]
    private static partial Regex Shard();
}
