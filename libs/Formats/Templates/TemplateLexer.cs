using System.Globalization;
using System.Text;

namespace ModelGarden.Formats.Templates;

internal enum TemplateTokenKind
{
    Name,
    Text,
    Number,
    Operator,
}

/// <summary>A piece of a template's code. Of text, what it means, not how it is spelled.</summary>
internal readonly record struct TemplateToken(TemplateTokenKind Kind, string Value)
{
    public bool Is(string value) => Kind is TemplateTokenKind.Name or TemplateTokenKind.Operator && Value == value;

    public bool IsName => Kind is TemplateTokenKind.Name;

    public bool IsText => Kind is TemplateTokenKind.Text;
}

/// <summary>Cuts a Jinja template into the code of its tags, as Jinja's own lexer does: comments and raw stretches are left out.</summary>
internal sealed class TemplateLexer(string template)
{
    private int _at;

    /// <summary>Where the template breaks off; nothing when it is whole.</summary>
    public string? Fault { get; private set; }

    /// <summary>True when text is spelled with names of characters, which are not looked up here.</summary>
    public bool HasNamedCharacters { get; private set; }

    /// <summary>The code of the next tag; nothing at the end and after a fault.</summary>
    public List<TemplateToken>? Next(out bool isStatement)
    {
        isStatement = false;
        while (Fault is null && template.IndexOf('{', _at) is >= 0 and var open && open + 1 < template.Length)
        {
            _at = open + 2;
            switch (template[open + 1])
            {
                case '#':
                    PassComment();
                    break;
                case '{':
                    return Code("}}");
                case '%':
                    isStatement = true;
                    var code = Code("%}");
                    if (code is [{ Value: "raw" }])
                    {
                        PassRaw();
                        break;
                    }

                    return code;
                default:
                    _at = open + 1;
                    break;
            }
        }

        return null;
    }

    private void PassComment()
    {
        var end = template.IndexOf("#}", _at, StringComparison.Ordinal);
        Fault = end < 0 ? "a comment has no end" : null;
        _at = end + 2;
    }

    private void PassRaw()
    {
        while (template.IndexOf("{%", _at, StringComparison.Ordinal) is >= 0 and var open)
        {
            var end = template.IndexOf("%}", open + 2, StringComparison.Ordinal);
            if (end < 0)
            {
                break;
            }

            if (template.AsSpan(open + 2, end - open - 2).Trim("-+ \t\r\n") is "endraw")
            {
                _at = end + 2;
                return;
            }

            _at = open + 2;
        }

        Fault = "a raw stretch has no end";
    }

    private List<TemplateToken>? Code(string end)
    {
        var tokens = new List<TemplateToken>();
        var depth = 0;
        while (_at < template.Length && Fault is null)
        {
            var current = template[_at];
            if (depth == 0 && (At(end) || (current is '-' or '+' && string.CompareOrdinal(template, _at + 1, end, 0, 2) == 0)))
            {
                _at += At(end) ? 2 : 3;
                return tokens;
            }

            depth += current switch { '(' or '[' or '{' => 1, ')' or ']' or '}' => -1, _ => 0 };
            if (depth < 0)
            {
                Fault = "a bracket closes that was not open";
            }
            else
            {
                Take(tokens, current);
            }
        }

        Fault ??= $"a tag has no '{end}'";
        return null;
    }

    private bool At(string text) => string.CompareOrdinal(template, _at, text, 0, text.Length) == 0;

    private void Take(List<TemplateToken> tokens, char current)
    {
        if (char.IsWhiteSpace(current) || (current is '-' or '+' && tokens.Count == 0))
        {
            _at++;
        }
        else if (current is '\'' or '"')
        {
            tokens.Add(new(TemplateTokenKind.Text, ReadText(current)));
        }
        else if (char.IsAsciiDigit(current))
        {
            tokens.Add(new(TemplateTokenKind.Number, ReadWhile(c => char.IsAsciiLetterOrDigit(c) || c == '_')));
        }
        else if (char.IsLetter(current) || current == '_')
        {
            tokens.Add(new(TemplateTokenKind.Name, ReadWhile(c => char.IsLetterOrDigit(c) || c == '_')));
        }
        else
        {
            var length = At("**") || At("//") || At("==") || At("!=") || At("<=") || At(">=") ? 2 : 1;
            tokens.Add(new(TemplateTokenKind.Operator, template.Substring(_at, length)));
            _at += length;
        }
    }

    private string ReadWhile(Func<char, bool> belongs)
    {
        var start = _at;
        while (_at < template.Length && belongs(template[_at]))
        {
            _at++;
        }

        return template[start.._at];
    }

    private string ReadText(char quote)
    {
        var text = new StringBuilder();
        for (_at++; _at < template.Length && template[_at] != quote; _at++)
        {
            if (template[_at] == '\\' && _at + 1 < template.Length)
            {
                _at++;
                _at += Escape(text) - 1;
            }
            else
            {
                text.Append(template[_at]);
            }
        }

        Fault = _at < template.Length ? Fault : "a text has no end";
        _at++;
        return text.ToString();
    }

    // Appends what the escape at this place means and says how long it is.
    private int Escape(StringBuilder text)
    {
        switch (template[_at])
        {
            case 'x':
                return Hexadecimal(text, 2);
            case 'u':
                return Hexadecimal(text, 4);
            case 'U':
                return Hexadecimal(text, 8);
            case 'N':
                HasNamedCharacters = true;
                return 1;
            case >= '0' and <= '7':
                return Octal(text);
            case var letter:
                text.Append("abfnrtv".IndexOf(letter, StringComparison.Ordinal) is >= 0 and var known ? "\a\b\f\n\r\t\v"[known] : letter);
                return 1;
        }
    }

    private int Hexadecimal(StringBuilder text, int digits)
    {
        if (_at + digits < template.Length && uint.TryParse(template.AsSpan(_at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            text.Append(value <= char.MaxValue ? ((char)value).ToString() : Rune.IsValid(value) ? new Rune(value).ToString() : "\uFFFD");
            return digits + 1;
        }

        text.Append(template[_at]);
        return 1;
    }

    private int Octal(StringBuilder text)
    {
        var (value, length) = (0, 0);
        for (; length < 3 && _at + length < template.Length && template[_at + length] is >= '0' and <= '7'; length++)
        {
            value = (value * 8) + (template[_at + length] - '0');
        }

        text.Append((char)value);
        return length;
    }
}
