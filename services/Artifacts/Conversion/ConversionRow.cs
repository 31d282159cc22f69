using ModelGarden.Contracts.V1;

namespace ModelGarden.Artifacts.Conversion;

/// <summary>What became, or is to become, of one torch checkpoint.</summary>
internal sealed class ConversionRow
{
    /// <summary>The checkpoint's SHA-256.</summary>
    public required string Source { get; init; }

    public required ConversionState State { get; init; }

    /// <summary>Who was last asked, with the version of its rules; a newer one may convert what this one refused.</summary>
    public required string Converter { get; init; }

    /// <summary>Why it is impossible: a stable token, and words.</summary>
    public required string Reason { get; init; }

    public required string Message { get; init; }

    /// <summary>The safetensors file's SHA-256, when it is done.</summary>
    public string? Target { get; init; }

    public required long Size { get; init; }

    /// <summary>The signed statement: a DSSE envelope in JSON.</summary>
    public required byte[] Statement { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }
}
