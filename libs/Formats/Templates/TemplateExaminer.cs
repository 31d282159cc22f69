using System.Globalization;
using System.Text.RegularExpressions;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Templates;

/// <summary>
/// Looks for injection in a chat template: tokenizers render it as soon as somebody chats, and a renderer without a sandbox runs what it reaches. Texts are
/// put together as the renderer would, as far as they are constant.
/// </summary>
internal sealed partial class TemplateExaminer(Findings findings, long? offset)
{
    public const int MaximumLength = GgufFacts.MaximumTemplateLength;

    private const int MaximumConstants = 256;
    private const int MaximumConstant = 1024;
    private const int AbsurdNumber = 1_000_000;
    private readonly HashSet<string> _said = [];
    private readonly Dictionary<string, string> _constants = new(StringComparer.Ordinal);

    /// <summary>Examines a template.</summary>
    /// <param name="template">Its text, or the beginning of it.</param>
    /// <param name="length">How long it is in all.</param>
    public void Examine(string template, long length)
    {
        var isCut = length > MaximumLength;
        if (isCut)
        {
            Say("too-long", FindingSeverity.Suspicious, $"it has {length} bytes: at most {MaximumLength} are looked at");
            template = template.Length > MaximumLength ? template[..MaximumLength] : template;
        }

        var lexer = new TemplateLexer(template);
        while (lexer.Next(out var isStatement) is { } code)
        {
            Look(code, isStatement);
        }

        if (lexer.Fault is { } fault && !isCut)
        {
            Say("broken", FindingSeverity.Suspicious, $"{fault}: what it does cannot be told");
        }

        if (lexer.HasNamedCharacters)
        {
            Say("spelling", FindingSeverity.Suspicious, "it spells characters by their names, which hides what it says");
        }
    }

    private void Look(List<TemplateToken> code, bool isStatement)
    {
        if (isStatement && code is [{ IsName: true } first, ..])
        {
            if (TemplateWords.Loads.Contains(first.Value))
            {
                Say("import", FindingSeverity.Suspicious, $"it loads another template with '{first.Value}'");
            }

            Remember(code);
            RememberComputed(code);
        }

        for (var at = 0; at < code.Count; at++)
        {
            LookAt(code, at);
        }
    }

    private void LookAt(List<TemplateToken> code, int at)
    {
        switch (code[at].Kind)
        {
            case TemplateTokenKind.Name:
                LookAtName(code, at);
                break;
            case TemplateTokenKind.Number when !IsModest(code[at].Value):
                Say("number", FindingSeverity.Suspicious, $"it counts to {Text.Shorten(code[at].Value, 24)}, which would keep a renderer busy");
                break;
            case TemplateTokenKind.Operator when code[at].Value is "[" or "(" or ".":
                LookForComputedName(code, at);
                break;
            case TemplateTokenKind.Operator when code[at].Value == "**":
                Say("number", FindingSeverity.Suspicious, "it raises numbers to a power, which would keep a renderer busy");
                break;
            default:
                break;
        }

        if (code[at].Kind is TemplateTokenKind.Text or TemplateTokenKind.Name && !Continues(code, at))
        {
            LookAtText(code, at);
        }
    }

    private void LookAtName(List<TemplateToken> code, int at)
    {
        var name = code[at].Value;
        var isAttribute = at > 0 && code[at - 1].Is(".");
        LookForUnderscores(name);
        if (isAttribute && TemplateWords.Gadgets.Contains(name))
        {
            Say("gadget", FindingSeverity.Malicious, $"it takes '{name}' of an object, which leads to the interpreter");
        }
        else if (isAttribute && name.StartsWith('_'))
        {
            Say("private", FindingSeverity.Suspicious, $"it takes the private attribute '{Text.Shorten(name)}'");
        }
        else if (name == "attr" && at > 0 && code[at - 1].Is("|"))
        {
            Say("attr", FindingSeverity.Suspicious, "it takes attributes by a computed name with the filter 'attr'");
        }
        else if (!isAttribute && !(at > 0 && code[at - 1].Is("|")) && TemplateWords.Objects.Contains(name) && at + 1 < code.Count && (code[at + 1].Is(".") || code[at + 1].Is("[") || code[at + 1].Is("|")))
        {
            Say("object", FindingSeverity.Suspicious, $"it looks into '{name}', which is the renderer's own");
        }
    }

    // Text, or what text put together means: 'a' ~ b + "c" * 2.
    private void LookAtText(List<TemplateToken> code, int at)
    {
        if (Constant(code, ref at, out var parts) is not { } text)
        {
            return;
        }

        LookForUnderscores(text);
        if (TemplateWords.Gadgets.Contains(text) && (parts > 1 || (at < code.Count && code[at].Is("]"))))
        {
            Say("gadget", FindingSeverity.Malicious, $"it takes '{text}' of an object, which leads to the interpreter");
        }
        else if (text is "attr" && at >= 3 && code[at - 2].Is("(") && code[at - 3].Value is "map" or "select" or "reject")
        {
            Say("attr", FindingSeverity.Suspicious, "it takes attributes by a computed name with the filter 'attr'");
        }
        else if (text.Contains("%c", StringComparison.Ordinal))
        {
            Say("spelling", FindingSeverity.Suspicious, "it makes characters out of numbers, which hides what it says");
        }
    }

    private void LookForUnderscores(string text)
    {
        if (!text.Contains("__", StringComparison.Ordinal))
        {
            return;
        }

        var known = Dunder().Matches(text).FirstOrDefault(match => TemplateWords.Dunders.Contains(match.Groups[1].Value));
        if (known is not null)
        {
            Say("dunder", FindingSeverity.Malicious, $"it names '{known.Value}', which leads to the interpreter");
        }
        else
        {
            Say("underscores", FindingSeverity.Suspicious, $"it has '{Text.Shorten(text, 40)}' in its code: two underscores make up names that lead to the interpreter");
        }
    }

    private void Remember(List<TemplateToken> code)
    {
        var at = 3;
        if (code is [{ Value: "set" }, { IsName: true } name, { Value: "=" }, _, ..] && _constants.Count < MaximumConstants && Constant(code, ref at, out _) is { } value && at == code.Count)
        {
            _constants[name.Value] = value;
        }
    }

    private bool Continues(List<TemplateToken> code, int at) =>
        at > 0 && (code[at - 1].Is(".") || (at > 1 && IsJoin(code[at - 1]) && Part(code[at - 2]) is not null) || (code[at - 1].IsText && code[at].IsText));

    private static bool IsJoin(TemplateToken token) => token.Is("~") || token.Is("+");

    private string? Part(TemplateToken token) => token.IsText ? token.Value : token.IsName ? _constants.GetValueOrDefault(token.Value) : null;

    private string? Constant(List<TemplateToken> code, ref int at, out int parts)
    {
        parts = 0;
        var text = "";
        while (at < code.Count && Part(code[at]) is { } part && text.Length <= MaximumConstant)
        {
            text += Times(code, ref at, part);
            parts++;
            if (at < code.Count && code[at].IsText)
            {
                continue;
            }

            if (at + 1 >= code.Count || !IsJoin(code[at]) || Part(code[at + 1]) is null)
            {
                break;
            }

            at++;
        }

        return parts == 0 ? null : text;
    }

    private static string Times(List<TemplateToken> code, ref int at, string part)
    {
        at++;
        if (at + 1 < code.Count && code[at].Is("*") && int.TryParse(code[at + 1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var times) && times <= 8)
        {
            at += 2;
            return string.Concat(Enumerable.Repeat(part, times));
        }

        return part;
    }

    private static bool IsModest(string number) => long.TryParse(number.Replace("_", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value < AbsurdNumber;

    private void Say(string rule, FindingSeverity severity, string message)
    {
        if (_said.Add($"{rule} {severity}"))
        {
            findings.Add(new($"template.{rule}", severity, $"the chat template may do harm: {message}", offset));
        }
    }

    [GeneratedRegex("__([a-z_]{2,20}?)__")]
    private static partial Regex Dunder();
}
