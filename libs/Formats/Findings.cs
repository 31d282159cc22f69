using ModelGarden.Kernel;

namespace ModelGarden.Formats;

/// <summary>Collects findings. Bounded: a hostile file cannot make an endless report, nor hide the worst behind a hundred others.</summary>
internal sealed class Findings
{
    private const int Maximum = 100;
    private const int MaximumMalicious = 20;
    private readonly List<Finding> _list;
    private readonly string _member = "";
    private readonly long _memberOffset;
    private readonly Func<Finding, Finding>? _change;

    public Findings() => _list = [];

    private Findings(Findings outer, string member, long offset, Func<Finding, Finding>? change = null) => (_list, _member, _memberOffset, _change) = (outer._list, member, offset, change);

    public IReadOnlyList<Finding> List => _list;

    /// <summary>Findings inside a member: they go to the same list, name the member, and point to where it begins.</summary>
    public Findings Within(string member, long offset) =>
        _member.Length == 0 ? new(this, Text.Shorten(member), offset) : new(this, Text.Shorten($"{_member} > {member}", 160), _memberOffset);

    /// <summary>The same list, and each finding is changed on its way to it.</summary>
    public Findings Through(Func<Finding, Finding> change) => new(this, _member, _memberOffset, change);

    public void Add(Finding finding)
    {
        finding = _change?.Invoke(finding) ?? finding;
        var isRoom = _list.Count < Maximum || (finding.Severity == FindingSeverity.Malicious && _list.Count <= Maximum + MaximumMalicious);
        if (isRoom)
        {
            _list.Add(_member.Length == 0 ? finding : finding with { Message = Located(finding), Offset = _memberOffset });
        }
        else if (_list.Count == Maximum)
        {
            _list.Add(new("examination.too-many-findings", FindingSeverity.Suspicious, $"more than {Maximum} findings, the rest is left out"));
        }
    }

    public void Suspicious(string rule, string message, long? offset = null) => Add(new(rule, FindingSeverity.Suspicious, message, offset));

    public void Warn(string rule, string message, long? offset = null) => Add(new(rule, FindingSeverity.Warning, message, offset));

    private string Located(Finding finding) => finding.Offset is { } offset ? $"in '{_member}' at byte {offset}: {finding.Message}" : $"in '{_member}': {finding.Message}";
}
