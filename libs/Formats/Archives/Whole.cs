using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Archives;

/// <summary>Content that must be seen from its end, and comes out of something packed: it is unpacked into memory, as far as the walk has any left.</summary>
internal static class Whole
{
    public static (FileFormat Format, FormatFacts? Facts) Examine(Content content, Func<Content, (FileFormat, FormatFacts?)> examine)
    {
        var length = content.Reader.Length;
        using var reserved = content.Walk.Reserve(length);
        if (reserved is null)
        {
            content.Findings.Suspicious("archive.nested", $"a packed archive of {length} bytes: at most {Walk.MaximumBuffered} are unpacked to be looked into", 0);
            return (content.Format, null);
        }

        using var memory = new MemoryStream();
        new ReaderStream(content.Reader, length).CopyTo(memory, 16 * 1024);
        memory.Position = 0;
        using var whole = new ByteReader(memory, length, content.Walk.CancellationToken);
        var answer = examine(content with { Reader = whole });
        if (whole.Failure is { } failure)
        {
            content.Findings.Add(failure);
        }

        return answer;
    }
}
