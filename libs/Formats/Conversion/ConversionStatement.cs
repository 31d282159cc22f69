namespace ModelGarden.Formats.Conversion;

/// <summary>
/// What a conversion states, to be signed by whoever answers for it: that the target holds exactly the tensors of the source, bit for bit.
/// </summary>
public sealed record ConversionStatement
{
    /// <summary>Who converted, with the version of the rules.</summary>
    public string Converter { get; init; } = $"{FileExaminer.Name}/{FileExaminer.RulesVersion}";

    public required FileFormat SourceFormat { get; init; }

    public required long SourceLength { get; init; }

    /// <summary>SHA-256 of the whole source, in lowercase hexadecimal digits, as all digests here.</summary>
    public required string SourceSha256 { get; init; }

    public required long TargetLength { get; init; }

    public required string TargetSha256 { get; init; }

    /// <summary>Every tensor of the target, in its order.</summary>
    public required IReadOnlyList<ConvertedTensor> Tensors { get; init; }

    /// <summary>Names that shared memory in the source: safetensors cannot share, so each has its bytes in the target.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Ties { get; init; }

    /// <summary>Values beside the tensors that were kept as metadata.</summary>
    public required int ValuesKept { get; init; }

    /// <summary>Values beside the tensors that were left out, for there were too many or they were too long.</summary>
    public required int ValuesLeftOut { get; init; }
}

/// <summary>A tensor that was converted.</summary>
/// <param name="Name">Its path in the checkpoint.</param>
/// <param name="Type">The word of safetensors for its elements.</param>
/// <param name="Shape">Dimensions, the slowest first.</param>
/// <param name="Sha256">Of its elements one after the other, the last dimension fastest, each lowest byte first: what both files say it is.</param>
public sealed record ConvertedTensor(string Name, string Type, IReadOnlyList<long> Shape, string Sha256);
