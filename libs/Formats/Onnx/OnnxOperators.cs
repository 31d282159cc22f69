using System.Text;

namespace ModelGarden.Formats.Onnx;

/// <summary>What an operator is known by: only a function that the model itself defines has an overload.</summary>
internal readonly record struct OnnxOperator(string Domain, string Type, string Overload);

/// <summary>
/// Tells operators that every runtime has, and those that the model defines itself as functions, from those that need a library of their maker, which is code.
/// </summary>
internal sealed class OnnxOperators(Findings findings)
{
    /// <summary>As many bytes of a name are read; a longer one is nobody's, for its end was not seen.</summary>
    public const int MaximumText = 512;

    private const int Maximum = 4096;
    private readonly HashSet<OnnxOperator> _functions = [];
    private readonly Dictionary<OnnxOperator, long> _foreign = [];
    private long? _more;

    public void Use(OnnxOperator used, long offset)
    {
        if (OnnxDomains.IsPython(used.Domain, used.Type))
        {
            findings.Suspicious("onnx.python", $"the operator '{Kernel.Text.Shorten(used.Type)}' runs Python", offset);
        }

        if (OnnxDomains.IsKnown(used.Domain) || _foreign.ContainsKey(used))
        {
            return;
        }

        if (_foreign.Count < Maximum)
        {
            _foreign.Add(used, offset);
        }
        else
        {
            _more ??= offset;
        }
    }

    public void Define(OnnxOperator function)
    {
        if (_functions.Count < Maximum && IsWhole(function.Domain) && IsWhole(function.Type) && IsWhole(function.Overload))
        {
            _functions.Add(function);
        }
    }

    /// <summary>Once all is read: functions follow the graph that uses them.</summary>
    public void Say()
    {
        foreach (var (used, offset) in _foreign.Where(used => !_functions.Contains(used.Key)))
        {
            findings.Suspicious(
                "onnx.custom-operator",
                $"the operator '{Kernel.Text.Shorten(used.Type)}' of '{Kernel.Text.Shorten(used.Domain)}' is no runtime's own, and the model does not define it: to run it, a library of its maker is loaded, which is code",
                offset);
        }

        if (_more is { } place)
        {
            findings.Suspicious("onnx.custom-operator", $"the model has more than {Maximum} operators that are no runtime's own: nobody looks which of them it defines", place);
        }
    }

    private static bool IsWhole(string text) => Encoding.UTF8.GetByteCount(text) < MaximumText;
}
