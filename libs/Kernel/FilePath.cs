using System.Text;

namespace ModelGarden.Kernel;

/// <summary>
/// A file's path inside a repository: segments joined by <c>/</c>, none empty, <c>.</c>, <c>..</c> or <c>.git</c>, no control
/// characters, or backslashes, at most 1,024 bytes of UTF-8 in all and 255 in a segment. Such a path is
/// safe to join to a folder on any system that we write to.
/// </summary>
public readonly record struct FilePath : IParsableId<FilePath>
{
    private const int MaximumBytes = 1024;
    private const int MaximumSegmentBytes = 255;
    private readonly string? _value;

    private FilePath(string value) => _value = value;

    public string Value => _value ?? throw new InvalidOperationException("default path");

    public string FileName => Value[(Value.LastIndexOf('/') + 1)..];

    public static Result<FilePath> Create(string? text) => Fault(text) is { } fault
        ? Error.Invalid("BAD_PATH", $"path '{Text.Shorten(text)}' {fault}")
        : new FilePath(text!);

    public override string ToString() => _value ?? "";

    private static string? Fault(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "is empty";
        }

        if (text.Any(c => char.IsControl(c) || c is '\\') || text.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar))
        {
            return "has a control character, a backslash or broken unicode";
        }

        if (Encoding.UTF8.GetByteCount(text) > MaximumBytes)
        {
            return $"is longer than {MaximumBytes} bytes";
        }

        return text.Split('/').Select(SegmentFault).FirstOrDefault(fault => fault is not null);
    }

    private static string? SegmentFault(string segment) => segment switch
    {
        "" => "has an empty segment: no leading, trailing or doubled '/'",
        "." or ".." => "has a segment '.' or '..': paths are written from the repository's root",
        _ when segment.Equals(".git", StringComparison.OrdinalIgnoreCase) => "has a segment '.git'",
        _ when Encoding.UTF8.GetByteCount(segment) > MaximumSegmentBytes => $"has a segment longer than {MaximumSegmentBytes} bytes",
        _ => null,
    };
}
