using System.Collections.Frozen;

namespace ModelGarden.Formats.Templates;

/// <summary>
/// Names of attributes that are put together while the template is rendered: what a filter, a format or a method makes of a constant is not followed, but no
/// chat template needs it.
/// </summary>
internal sealed partial class TemplateExaminer
{
    // Filters that can put together what was apart, two underscores above all.
    private static readonly FrozenSet<string> Makers = FrozenSet.Create(StringComparer.Ordinal, "replace", "format", "join", "reverse", "truncate", "indent", "wordwrap", "sum", "xmlattr", "pprint", "urlize");

    private static readonly FrozenSet<string> Methods = FrozenSet.Create(
        StringComparer.Ordinal, "format", "format_map", "replace", "join", "translate", "center", "ljust", "rjust", "zfill", "decode", "expandtabs");

    // Filters that take the name of an attribute, and take it of an object where it is no item.
    private static readonly FrozenSet<string> Takers = FrozenSet.Create(StringComparer.Ordinal, "map", "selectattr", "rejectattr", "groupby", "sort", "unique", "sum", "min", "max", "join");

    private static readonly FrozenSet<string> Keywords = FrozenSet.Create(StringComparer.Ordinal, "in", "if", "else", "elif", "and", "or", "not", "is", "set", "with", "do", "call");

    private readonly HashSet<string> _computed = new(StringComparer.Ordinal);

    private void LookForComputedName(List<TemplateToken> code, int at)
    {
        var takes = code[at].Is("[") ? IsSubscript(code, at) : code[at].Is("(") && at > 1 && code[at - 2].Is("|") && Takers.Contains(code[at - 1].Value);
        if (takes && IsMade(code, at + 1, Close(code, at), isName: true))
        {
            Say("computed", FindingSeverity.Suspicious, "it takes an attribute by a name that it puts together, which hides what it takes");
        }
        else if (code[at].Is(".") && at > 0 && code[at - 1].Is(")") && at + 1 < code.Count && code[at + 1].Value is "format" or "format_map")
        {
            Say("computed", FindingSeverity.Suspicious, "it fills in a text that it puts together, which can take attributes");
        }
    }

    private void RememberComputed(List<TemplateToken> code)
    {
        if (code is not [{ Value: "set" or "with" }, { IsName: true }, ..])
        {
            return;
        }

        for (var at = 1; at + 1 < code.Count; at++)
        {
            var isWhole = at == 1 && code[at + 1].Is("|");
            if (code[at].IsName && _computed.Count < MaximumConstants && (isWhole || (code[at + 1].Is("=") && IsMade(code, at + 2, EndOfValue(code, at + 2), isName: false))))
            {
                _computed.Add(code[at].Value);
            }
        }
    }

    private bool IsMade(List<TemplateToken> code, int from, int to, bool isName)
    {
        for (var at = from; at < to; at++)
        {
            if (IsMade(code, at, to) || (isName && MakesAny(code, at, to)))
            {
                return true;
            }
        }

        return false;
    }

    // Something is made of a constant here.
    private bool IsMade(List<TemplateToken> code, int at, int to)
    {
        var isValue = code[at].IsText || (code[at].IsName && !(at > 0 && (code[at - 1].Is(".") || code[at - 1].Is("|"))));
        if (isValue && code[at].IsName && _computed.Contains(code[at].Value))
        {
            return true;
        }

        if (at + 1 >= to)
        {
            return false;
        }

        var next = code[at + 1];
        return (isValue && Part(code[at]) is not null && (next.Is("|") || next.Is(".") || next.Is("%") || next.Is("*") || (code[at].IsText && next.Is("["))))
            || (code[at].Is("%") && next.IsText)
            || (code[at].Is("%") && next.Is("(") && HasText(code, at + 1, Close(code, at + 1)))
            || (next.Is("|") && at + 2 < to && Makers.Contains(code[at + 2].Value) && (code[at].Is("]") || code[at].Is(")")) && HasText(code, Open(code, at), at));
    }

    // Something is put together here, of whatever.
    private static bool MakesAny(List<TemplateToken> code, int at, int to) =>
        (code[at].Is("|") && at + 1 < to && Makers.Contains(code[at + 1].Value))
        || (code[at].Is(".") && at + 2 < to && Methods.Contains(code[at + 1].Value) && code[at + 2].Is("("))
        || (code[at].IsText && at > 1 && code[at - 1].Is("(") && code[at - 2].Is("map") && Makers.Contains(code[at].Value));

    // A list stands where no value stands before it.
    private static bool IsSubscript(List<TemplateToken> code, int at) =>
        at > 0 && (code[at - 1].IsText || code[at - 1].Is(")") || code[at - 1].Is("]") || code[at - 1].Is("}") || (code[at - 1].IsName && !Keywords.Contains(code[at - 1].Value)));

    private static bool HasText(List<TemplateToken> code, int from, int to) => code.FindIndex(from, to - from, token => token.IsText) >= 0;

    private static int EndOfValue(List<TemplateToken> code, int from)
    {
        var depth = 0;
        for (var at = from; at < code.Count; at++)
        {
            depth += Step(code[at]);
            if (depth < 0 || (depth == 0 && code[at].Is(",")))
            {
                return at;
            }
        }

        return code.Count;
    }

    private static int Close(List<TemplateToken> code, int open)
    {
        var depth = 0;
        for (var at = open; at < code.Count; at++)
        {
            depth += Step(code[at]);
            if (depth == 0)
            {
                return at;
            }
        }

        return code.Count;
    }

    private static int Open(List<TemplateToken> code, int close)
    {
        var depth = 0;
        for (var at = close; at > 0; at--)
        {
            depth += Step(code[at]);
            if (depth == 0)
            {
                return at;
            }
        }

        return 0;
    }

    private static int Step(TemplateToken token) =>
        token.Is("(") || token.Is("[") || token.Is("{") ? 1 : token.Is(")") || token.Is("]") || token.Is("}") ? -1 : 0;
}
