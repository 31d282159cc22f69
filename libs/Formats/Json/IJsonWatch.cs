using System.Text;
using System.Text.Json;
using ModelGarden.Formats.IO;
using ModelGarden.Formats.Scans;
using ModelGarden.Formats.Templates;

namespace ModelGarden.Formats.Json;

/// <summary>Sees every token of a JSON file as it is read.</summary>
internal interface IJsonWatch
{
    /// <param name="json">At the token.</param>
    /// <param name="key">The name of the property that is read, however deep; empty for long ones.</param>
    void See(JsonTokens json, string key);
}

/// <summary>Has chat templates examined: texts under <c>chat_template</c>, or in the lists there.</summary>
internal sealed class TemplateWatch(Findings findings) : IJsonWatch
{
    private const int MaximumTemplates = 64;
    private int _inside = -1;
    private int _templates;

    public void See(JsonTokens json, string key)
    {
        if (_inside >= 0 && json.Depth <= _inside && json.Type is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
        {
            _inside = -1;
        }

        var isTemplate = _inside >= 0 || key.Contains("chat_template", StringComparison.OrdinalIgnoreCase);
        if (!isTemplate || json.Type is JsonTokenType.PropertyName)
        {
            return;
        }

        if (json.Type is JsonTokenType.StartArray or JsonTokenType.StartObject)
        {
            _inside = _inside >= 0 ? _inside : json.Depth;
        }
        else if (json.Type is JsonTokenType.String && ++_templates <= MaximumTemplates)
        {
            var text = json.Text() ?? "";
            new TemplateExaminer(findings, json.Offset).Examine(text, text.Length);
        }
        else if (_templates == MaximumTemplates + 1)
        {
            findings.Suspicious("template.too-many", $"the file has more than {MaximumTemplates} chat templates: the rest is not looked at", json.Offset);
        }
    }
}

/// <summary>Has the code of a notebook's cells looked through: lines of text under <c>source</c>.</summary>
internal sealed class NotebookWatch : IJsonWatch, IDisposable
{
    private readonly Findings _findings;
    private readonly Findings _held = new();
    private readonly WindowScan _scan;
    private bool _isNotebook;

    public NotebookWatch(Findings findings)
    {
        _findings = findings;
        _scan = new([new PythonScanner(_held, isNotebook: true)]);
    }

    public void See(JsonTokens json, string key)
    {
        _isNotebook |= key == "cell_type";
        if (key == "source" && json.Type is JsonTokenType.String && json.Text() is { } line)
        {
            _scan.See(Encoding.UTF8.GetBytes(line));
            _scan.See("\n"u8);
        }
    }

    public void Finish()
    {
        _scan.Finish();
        foreach (var finding in _held.List.Where(_ => _isNotebook))
        {
            _findings.Add(finding);
        }
    }

    public void Dispose() => _scan.Dispose();
}
