using System.Text;
using System.Text.Json;
using ModelGarden.Formats.IO;
using ModelGarden.Formats.Scans;

namespace ModelGarden.Formats.Json;

/// <summary>Has the code of a notebook's cells looked through: lines of text under <c>source</c>.</summary>
internal sealed class NotebookWatch : IJsonWatch, IDisposable
{
    private readonly Findings _findings;
    private readonly Findings _held = new();
    private readonly WindowScan _scan;
    private bool _hasCells;
    private bool _isNotebook;

    public NotebookWatch(Findings findings)
    {
        _findings = findings;
        _scan = new([new PythonScanner(_held, isNotebook: true)]);
    }

    public void See(JsonTokens json, string key)
    {
        // The cells' code lies inside them, so their name comes first.
        _hasCells |= key == JsonKeys.Cells;
        _isNotebook |= key == JsonKeys.CellType;
        if (_hasCells && key == JsonKeys.Source && json.Type is JsonTokenType.String && json.Text() is { } line)
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
