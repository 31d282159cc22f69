using ModelGarden.Formats.IO;
using ModelGarden.Formats.Json;
using ModelGarden.Formats.Templates;

namespace ModelGarden.Formats.Scans;

/// <summary>What is looked for in text, whatever else it is. A new scanner is a class, and a line here.</summary>
internal static class TextScans
{
    private static readonly Func<Content, IScanner?>[] All =
    [
        content => new SecretScanner(content.Findings),
        content => PythonScanner.Takes(content) ? new PythonScanner(content.Findings) : null,
        content => content.Format is FileFormat.Json || content.IsCalled(".pb") || JsonBeginnings.Of(content.Reader.Peek(ByteReader.Window)) is JsonBeginning.Plain ? new KerasScanner(content.Findings, IsModel(content)) : null,
        content => content.IsCalled(".pb", ".meta", ".pbtxt") ? new OperatorScanner(content.Findings) : null,
    ];

    /// <summary>Shows the rest of the content to the scanners while someone reads it to its end.</summary>
    public static T Watch<T>(Content content, Func<T> read)
    {
        using var scan = new WindowScan([.. All.Select(make => make(content)).OfType<IScanner>()]);
        content.Reader.Watch(scan);
        var answer = read();
        scan.Finish();
        return answer;
    }

    public static void ReadToEnd(Content content) => Watch(content, () =>
    {
        if (TemplateFiles.Takes(content))
        {
            TemplateFiles.Examine(content);
        }

        content.Reader.ReadToEnd(content.Walk);
        return true;
    });

    // Keras keeps a model's layers in this member of its archive, and beside TensorFlow's graph. (A small protobuf can look like text.)
    public static bool IsModel(Content content) => content.IsCalled(".pb") || (content.Walk.Depth > 0 && content.IsCalled("config.json"));
}
