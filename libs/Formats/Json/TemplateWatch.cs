using System.Text.Json;
using ModelGarden.Formats.IO;
using ModelGarden.Formats.Templates;

namespace ModelGarden.Formats.Json;

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

        var isTemplate = _inside >= 0 || key.Contains(JsonKeys.Template, StringComparison.Ordinal);
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
