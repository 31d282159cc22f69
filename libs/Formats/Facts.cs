using System.Text.Json.Serialization;

namespace ModelGarden.Formats;

/// <summary>What the bytes of a file say of the model in it: measured, never declared. Goes to and comes from JSON as it is.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "format")]
[JsonDerivedType(typeof(SafetensorsFacts), "safetensors")]
[JsonDerivedType(typeof(GgufFacts), "gguf")]
[JsonDerivedType(typeof(OnnxFacts), "onnx")]
[JsonDerivedType(typeof(TorchFacts), "torch")]
[JsonDerivedType(typeof(ArchiveFacts), "archive")]
[JsonDerivedType(typeof(TransformersFacts), "transformers")]
public abstract record FormatFacts
{
    /// <summary>The tensors that the file lists, in its order; only the first ones when there are absurdly many. Empty: it lists none.</summary>
    [JsonIgnore]
    public virtual IReadOnlyList<TensorFact> Listed => [];
}

/// <summary>A tensor as a file lists it.</summary>
/// <param name="Name">As written in the file.</param>
/// <param name="Type">The format's own word for the element type, such as <c>BF16</c> or <c>Q4_K</c>.</param>
/// <param name="Shape">Dimensions in the file's own order (GGUF writes the fastest first, safetensors the slowest).</param>
public sealed record TensorFact(string Name, string Type, IReadOnlyList<long> Shape);

/// <summary>What a safetensors header says.</summary>
public sealed record SafetensorsFacts : FormatFacts
{
    public required int TensorCount { get; init; }

    /// <summary>The tensors in the header's order; only the first ones when a header is absurdly long.</summary>
    public required IReadOnlyList<TensorFact> Tensors { get; init; }

    [JsonIgnore]
    public override IReadOnlyList<TensorFact> Listed => Tensors;

    /// <summary>Elements by element type: the Hub's <c>safetensors.parameters</c>.</summary>
    public required IReadOnlyDictionary<string, long> ParametersByType { get; init; }

    public required long Parameters { get; init; }

    /// <summary>The header's <c>__metadata__</c>.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }
}

/// <summary>A key-value pair of a GGUF file; of an array only the element type and count are kept.</summary>
/// <param name="Key">As written in the file.</param>
/// <param name="Type">GGUF's word for the type; for an array that of its elements.</param>
/// <param name="Value">The value as invariant text, cut when long; nothing for an array.</param>
/// <param name="Count">For an array the number of elements.</param>
public sealed record GgufEntry(string Key, string Type, string? Value, long? Count);

/// <summary>What a GGUF file says.</summary>
public sealed record GgufFacts : FormatFacts
{
    public required int Version { get; init; }

    public string? Architecture { get; init; }

    public string? Name { get; init; }

    public long? ContextLength { get; init; }

    public long? EmbeddingLength { get; init; }

    public long? BlockCount { get; init; }

    /// <summary>The declared file type such as <c>Q4_K_M</c>, or the dominant tensor type where none is declared.</summary>
    public string? Quantisation { get; init; }

    /// <summary><c>general.file_type</c> as written.</summary>
    public long? FileType { get; init; }

    /// <summary>The tensor type that most parameters have.</summary>
    public string? DominantType { get; init; }

    public required long Parameters { get; init; }

    public required IReadOnlyDictionary<string, long> ParametersByType { get; init; }

    public required int TensorCount { get; init; }

    /// <summary>The tensors in the file's order; only the first ones when there are absurdly many.</summary>
    public required IReadOnlyList<TensorFact> Tensors { get; init; }

    [JsonIgnore]
    public override IReadOnlyList<TensorFact> Listed => Tensors;

    /// <summary>The chat template's text, cut at <see cref="MaximumTemplateLength"/> bytes.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>The chat template's whole length in bytes, 0 when there is none.</summary>
    public long ChatTemplateLength { get; init; }

    public string? TokenizerModel { get; init; }

    /// <summary>The number of tokens in the vocabulary.</summary>
    public long? VocabularySize { get; init; }

    public required IReadOnlyList<GgufEntry> Metadata { get; init; }

    [JsonIgnore]
    public bool HasChatTemplate => ChatTemplateLength > 0;

    /// <summary>The repositories of the models that it was made of, by the addresses in its metadata: <c>namespace/name</c>, each once.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> BaseModels => Gguf.BaseModels.Of(Metadata);

    public const int MaximumTemplateLength = 60 * 1024;
}

/// <summary>A named input or output of an ONNX graph.</summary>
/// <param name="Name">As written in the file.</param>
/// <param name="Type">Element type such as <c>FLOAT</c>, or the kind of value where it is no tensor.</param>
/// <param name="Shape">Each dimension a number, a symbol such as <c>batch</c>, or <c>?</c>; nothing when the rank is unknown.</param>
public sealed record OnnxValue(string Name, string Type, IReadOnlyList<string>? Shape);

/// <summary>An operator set that an ONNX model asks for; the standard one has the empty domain.</summary>
public sealed record OnnxOperatorSet(string Domain, long Version);

/// <summary>What an ONNX model says.</summary>
public sealed record OnnxFacts : FormatFacts
{
    public required long IrVersion { get; init; }

    public string? Producer { get; init; }

    public string? ProducerVersion { get; init; }

    public string? GraphName { get; init; }

    public required IReadOnlyList<OnnxOperatorSet> OperatorSets { get; init; }

    /// <summary>The graph's inputs without those that are initializers (old models list both).</summary>
    public required IReadOnlyList<OnnxValue> Inputs { get; init; }

    public required IReadOnlyList<OnnxValue> Outputs { get; init; }

    public required long NodeCount { get; init; }

    /// <summary>The operators used, <c>domain:name</c> outside the standard domain, sorted.</summary>
    public required IReadOnlyList<string> Operators { get; init; }

    public required long InitializerCount { get; init; }

    /// <summary>The initializers in the file's order, those of graphs inside graphs too; only the first ones when there are absurdly many.</summary>
    public required IReadOnlyList<TensorFact> Initializers { get; init; }

    [JsonIgnore]
    public override IReadOnlyList<TensorFact> Listed => Initializers;

    public required IReadOnlyDictionary<string, long> ParametersByType { get; init; }

    public required long Parameters { get; init; }

    /// <summary>Other files of the repository that hold tensors of this model.</summary>
    public required IReadOnlyList<string> ExternalFiles { get; init; }
}

/// <summary>What a torch checkpoint holds.</summary>
public sealed record TorchFacts : FormatFacts
{
    /// <summary>How torch wrote it: <c>zip</c>, <c>legacy</c> (before 1.6) or <c>tar</c> (before 0.2).</summary>
    public required string Layout { get; init; }

    /// <summary>Tensors that the pickle makes; one that has several names counts once.</summary>
    public required int TensorCount { get; init; }

    /// <summary>The named tensors in the pickle's order, as paths of keys; only the first ones when there are absurdly many.</summary>
    public required IReadOnlyList<TensorFact> Tensors { get; init; }

    [JsonIgnore]
    public override IReadOnlyList<TensorFact> Listed => Tensors;

    /// <summary>Elements by type, in the words of safetensors where it has one. An optimizer's tensors count too.</summary>
    public required IReadOnlyDictionary<string, long> ParametersByType { get; init; }

    public required long Parameters { get; init; }

    public required int StorageCount { get; init; }
}

/// <summary>What a zip's directory says.</summary>
public sealed record ArchiveFacts : FormatFacts
{
    public required int MemberCount { get; init; }

    /// <summary>Bytes of all members when unpacked, as the directory claims.</summary>
    public required long UnpackedSize { get; init; }

    /// <summary>The first members' names.</summary>
    public required IReadOnlyList<string> Members { get; init; }
}

/// <summary>What a transformers <c>config.json</c> says.</summary>
public sealed record TransformersFacts : FormatFacts
{
    public IReadOnlyList<string> Architectures { get; init; } = [];

    public string? ModelType { get; init; }

    /// <summary>The context length; of a multimodal model that of its text part.</summary>
    public long? MaxPositionEmbeddings { get; init; }

    /// <summary><c>dtype</c>, which older files call <c>torch_dtype</c>.</summary>
    public string? DataType { get; init; }

    public long? HiddenSize { get; init; }

    public long? HiddenLayers { get; init; }

    public long? VocabularySize { get; init; }

    /// <summary>How the weights are quantised, such as <c>gptq</c>; nothing when they are not.</summary>
    public string? QuantisationMethod { get; init; }

    /// <summary>The model brings Python of its own (<c>auto_map</c>) and needs <c>trust_remote_code</c>.</summary>
    public bool NeedsRemoteCode { get; init; }
}
