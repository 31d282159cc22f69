using ModelGarden.Formats.IO;

namespace ModelGarden.Formats;

/// <summary>A stretch of bytes under examination: a file, or a member of a container.</summary>
/// <param name="Format">What its first bytes, or its name, make of it.</param>
/// <param name="Reader">Stands at its beginning.</param>
/// <param name="Findings">Where findings go.</param>
/// <param name="Walk">The bounds of the whole file.</param>
/// <param name="Name">What it is called where it lies, as far as is known.</param>
internal sealed record Content(FileFormat Format, ByteReader Reader, Findings Findings, Walk Walk, string Name)
{
    public bool IsCalled(params ReadOnlySpan<string> endings)
    {
        var name = FileNames.Of(Name);
        foreach (var ending in endings)
        {
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Examines content of the kinds that it takes. A new one is a class, and a line in <see cref="ContentExaminer"/>'s list.</summary>
internal interface IContentExaminer
{
    bool Takes(Content content);

    /// <summary>Reads the content, says every fault, and what it turned out to be. Throws nothing for the bytes' sake.</summary>
    (FileFormat Format, FormatFacts? Facts) Examine(Content content);
}

/// <summary>An examiner that takes one format, and leaves it that.</summary>
internal sealed class ForFormat(FileFormat format, Func<Content, FormatFacts?> examine) : IContentExaminer
{
    public ForFormat(FileFormat format, Action<Content> examine)
        : this(format, content =>
        {
            examine(content);
            return null;
        })
    {
    }

    public bool Takes(Content content) => content.Format == format;

    public (FileFormat Format, FormatFacts? Facts) Examine(Content content) => (format, examine(content));
}
