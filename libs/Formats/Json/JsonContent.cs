using ModelGarden.Formats.Scans;

namespace ModelGarden.Formats.Json;

/// <summary>A JSON file: held to its syntax, and looked through for facts, templates, code of notebooks and secrets, in one reading.</summary>
internal static class JsonContent
{
    public static FormatFacts? Examine(Content content) => TextScans.Watch(content, () =>
    {
        using var notebook = new NotebookWatch(content.Findings);
        var watch = new TemplateWatch(content.Findings);
        var examiner = new JsonExaminer(content.Reader) { Watches = [watch, notebook] };
        var facts = examiner.Examine(manyValues: !content.IsCalled(".json", ".ipynb"));
        notebook.Finish();
        if (examiner.PythonNumberAt is { } at)
        {
            content.Findings.Warn("json.not-strict", "NaN or Infinity stands for a number, which Python writes and reads: other readers of JSON refuse the file", at);
        }

        if (facts is { NeedsRemoteCode: true })
        {
            content.Findings.Warn("transformers.remote-code", "the model brings Python of its own (auto_map): loading it needs trust_remote_code, which runs it");
        }

        return Path.GetFileName(content.Name) == "config.json" ? facts : null;
    });
}
