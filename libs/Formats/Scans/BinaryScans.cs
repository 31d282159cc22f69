using ModelGarden.Formats.IO;
using ModelGarden.Formats.Json;

namespace ModelGarden.Formats.Scans;

/// <summary>Bytes of no format known here. What runs by itself is told by its mark; what its name makes a graph, or code, is looked through.</summary>
internal static class BinaryScans
{
    public static void Examine(Content content)
    {
        if (NativeCode(content) is { } kind)
        {
            content.Findings.Suspicious("code.native", $"this is {kind}: nobody sees what it does before it runs", 0);
        }

        var beginning = JsonBeginnings.Of(content.Reader.Peek(ByteReader.Window));
        if (PythonScanner.Takes(content))
        {
            content.Findings.Suspicious("python.encoding", "this is Python by its name and no text in UTF-8: readers disagree on what it says", 0);
            Scan(content, new PythonScanner(content.Findings), new SecretScanner(content.Findings));
        }
        else if (beginning is not JsonBeginning.None)
        {
            ExamineJson(content, beginning);
        }
        else if (content.IsCalled(".pb", ".meta"))
        {
            Scan(content, new OperatorScanner(content.Findings), new KerasScanner(content.Findings, isModel: true));
        }
    }

    // Keras gives Python the bytes of a model's description, and Python takes JSON in every encoding, and half characters in it.
    private static void ExamineJson(Content content, JsonBeginning beginning)
    {
        if (beginning is JsonBeginning.Wide)
        {
            content.Findings.Suspicious("json.encoding", "this is JSON in UTF-16 or UTF-32, which some readers take and others do not: write it in UTF-8", 0);
        }

        Scan(content, new SecretScanner(content.Findings), new KerasScanner(content.Findings, TextScans.IsModel(content)));
    }

    public static void Scan(Content content, params IReadOnlyList<IScanner> scanners)
    {
        using var scan = new WindowScan(scanners);
        content.Reader.Watch(scan);
        content.Reader.ReadToEnd(content.Walk);
        scan.Finish();
    }

    private static string? NativeCode(Content content) => content.Reader.Peek(64) switch
    {
        [0x7F, (byte)'E', (byte)'L', (byte)'F', 1 or 2, 1 or 2, 1, ..] => "a program or library for Linux",
        [(byte)'M', (byte)'Z', ..] head when head.Length >= 64 && BitConverter.ToInt32(head[60..]) is > 0 and < 1 << 20 => "a program or library for Windows",
        [0xCF or 0xCE, 0xFA, 0xED, 0xFE, ..] or [0xFE, 0xED, 0xFA, 0xCF or 0xCE, ..] or [0xCA, 0xFE, 0xBA, 0xBE, 0, ..] => "a program or library for macOS, or for Java",
        [_, _, 0x0D, 0x0A, ..] when content.IsCalled(".pyc") => "compiled Python",
        _ => null,
    };
}
