namespace ModelGarden.Formats;

/// <summary>What an examination says of a file. Only <see cref="Clean"/> may be served to everyone.</summary>
public enum Verdict
{
    /// <summary>Every rule of the recognised format holds.</summary>
    Clean,

    /// <summary>A rule is broken, the format can run code, or we could not look inside: a person decides.</summary>
    Suspicious,

    /// <summary>The file is made to do harm.</summary>
    Malicious,
}

/// <summary>The weight of one finding; an examination's verdict follows from the heaviest.</summary>
public enum FindingSeverity
{
    /// <summary>Worth knowing, leaves the verdict alone.</summary>
    Information,

    /// <summary>Untidy but harmless, leaves the verdict alone.</summary>
    Warning,

    /// <summary>Makes the verdict at least <see cref="Verdict.Suspicious"/>.</summary>
    Suspicious,

    /// <summary>Makes the verdict <see cref="Verdict.Malicious"/>.</summary>
    Malicious,
}

/// <summary>What a file is by its content, whatever its name says.</summary>
public enum FileFormat
{
    Empty,
    Safetensors,
    Gguf,
    Onnx,
    Pickle,
    TorchZip,
    Zip,
    Archive,
    Numpy,
    Json,
    Markdown,
    Text,
    Binary,
    Tar,
    Gzip,
    Zlib,

    /// <summary>HDF5, in which Keras keeps models.</summary>
    Hdf5,

    /// <summary>TensorFlow's graphs: a SavedModel, or a graph alone.</summary>
    SavedModel,
}

/// <summary>One thing that a rule found.</summary>
/// <param name="Rule">Stable token such as <c>safetensors.overlap</c>.</param>
/// <param name="Severity">How much it weighs.</param>
/// <param name="Message">For people: lowercase, no full stop, text of strangers shortened.</param>
/// <param name="Offset">Where in the file, in bytes from its beginning, when one place can be named.</param>
public sealed record Finding(string Rule, FindingSeverity Severity, string Message, long? Offset = null)
{
    /// <summary>The rule as the garden's tokens are written: <c>SAFETENSORS_OVERLAP</c>.</summary>
    public string Token => Rule.Replace('.', '_').Replace('-', '_').ToUpperInvariant();

    /// <summary>info, warning, suspicious or malicious.</summary>
    public string Weight => Severity is FindingSeverity.Information ? "info" : Severity.ToString().ToLowerInvariant();
}

/// <summary>The result of examining one file once, with all that is needed to know when to examine it again.</summary>
public sealed record Examination
{
    public required FileFormat Format { get; init; }

    /// <summary>What it was taken for by its first bytes, before it was looked into: what a name promises is held against this.</summary>
    public required FileFormat Recognised { get; init; }

    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>What was measured, or nothing when the format has no facts or broke before any were known.</summary>
    public FormatFacts? Facts { get; init; }

    public Verdict Verdict => Findings.Select(finding => finding.Severity).DefaultIfEmpty().Max() switch
    {
        FindingSeverity.Malicious => Verdict.Malicious,
        FindingSeverity.Suspicious => Verdict.Suspicious,
        _ => Verdict.Clean,
    };
}
