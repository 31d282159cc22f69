using System.Text;
using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Templates;

/// <summary>A chat template in a file of its own.</summary>
internal static class TemplateFiles
{
    public static bool Takes(Content content) => content.IsCalled(".jinja", ".jinja2", ".j2");

    public static void Examine(Content content)
    {
        using var text = new MemoryStream();
        new ReaderStream(content.Reader, TemplateExaminer.MaximumLength).CopyTo(text, 16 * 1024);
        new TemplateExaminer(content.Findings, null).Examine(Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length), content.Reader.Length);
    }
}
