namespace ModelGarden.Formats.Scans;

/// <summary>
/// Looks for keys and passwords that somebody left in a text. What a finding says of one is its kind, its place and four characters: never the secret. One
/// that looks like an example only warns.
/// </summary>
internal sealed class SecretScanner(Findings findings) : IScanner
{
    private const int Maximum = 20;
    private static readonly string[] ExampleWords = ["EXAMPLE", "SAMPLE", "DUMMY", "FAKE", "PLACEHOLDER", "REDACTED", "XXXX", "YOUR", "0000", "12345", "ABCDEF", "TEST"];
    private readonly HashSet<int> _said = [];
    private long _lines = 1;

    public void Look(ReadOnlySpan<char> text, int begin, int end, long offset)
    {
        var counted = begin;
        for (var at = begin; at < end; at++)
        {
            var next = text[at..].IndexOfAny(SecretKind.Prefixes);
            if (next < 0 || at + next >= end)
            {
                break;
            }

            at += next;
            _lines += text[counted..at].Count('\n');
            counted = at;
            foreach (var kind in SecretKind.ByFirst[text[at]])
            {
                if (text[at..].StartsWith(kind.Prefix, StringComparison.Ordinal) && (at == 0 || !IsWord(text[at - 1]) || kind.IsAssigned || kind.Prefix[0] is '-' or 'h'))
                {
                    Consider(kind, text[at..], offset + at);
                }
            }
        }

        _lines += text[counted..end].Count('\n');
    }

    private void Consider(SecretKind kind, ReadOnlySpan<char> text, long offset)
    {
        var body = text[kind.Prefix.Length..];
        if (kind.Prefix == SecretKind.Pem)
        {
            ConsiderKey(kind, text, offset);
            return;
        }

        body = kind.IsAssigned ? body[AssignmentLength(body)..] : body;
        var length = body.IndexOfAnyExcept(kind.Alphabet) is >= 0 and var first ? first : body.Length;
        if (length < kind.Minimum || length > kind.Maximum || (kind.Prefix == SecretKind.Token && !IsSigned(body[..length])))
        {
            return;
        }

        var secret = body[..length];
        Say(kind, kind.IsAssigned ? secret : text[..(kind.Prefix.Length + length)], secret, offset);
    }

    // The header alone is in many a manual; a key has lines of base64 behind it, whose breaks JSON writes as \n.
    private void ConsiderKey(SecretKind kind, ReadOnlySpan<char> text, long offset)
    {
        var header = text[..Math.Min(64, text.Length)];
        var name = header.IndexOf("PRIVATE KEY", StringComparison.Ordinal);
        var close = name < 0 ? -1 : header[name..].IndexOf("-----", StringComparison.Ordinal);
        if (close < 0)
        {
            return;
        }

        var body = text[(name + close + 5)..];
        while (body.Length > 0 && (char.IsWhiteSpace(body[0]) || body[0] == '\\'))
        {
            body = body[0] == '\\' ? body[Math.Min(2, body.Length)..] : body[1..];
        }

        var length = body.IndexOfAnyExcept(kind.Alphabet) is >= 0 and var first ? first : body.Length;
        Say(kind, text, length < kind.Minimum ? [] : body[..length], offset);
    }

    private void Say(SecretKind kind, ReadOnlySpan<char> shown, ReadOnlySpan<char> secret, long offset)
    {
        if (_said.Count >= Maximum || !_said.Add(string.GetHashCode(secret) ^ kind.Name.GetHashCode(StringComparison.Ordinal)))
        {
            return;
        }

        var isExample = IsExample(secret);
        findings.Add(new(
            "secret.found",
            isExample ? FindingSeverity.Warning : FindingSeverity.Suspicious,
            $"line {_lines} has what looks like {(isExample ? "an example of " : "")}{kind.Name}, beginning '{shown[..Math.Min(4, shown.Length)]}'{(isExample ? "" : ": whoever reads the file can use it, so revoke it")}",
            offset));
    }

    private static bool IsExample(ReadOnlySpan<char> secret)
    {
        foreach (var word in ExampleWords)
        {
            if (secret.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        var distinct = new HashSet<char>();
        foreach (var character in secret[..Math.Min(secret.Length, 64)])
        {
            distinct.Add(character);
        }

        return distinct.Count < Math.Min(9, Math.Max(1, secret.Length / 3)) || secret.IsEmpty;
    }

    // Quotes, colons and such between a name and its value.
    private static int AssignmentLength(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && length < 8 && text[length] is '"' or '\'' or ' ' or '=' or ':' or '\t' or '\\' or '>')
        {
            length++;
        }

        return length;
    }

    private static bool IsSigned(ReadOnlySpan<char> token) => token.Count('.') == 2 && token.Contains(".eyJ", StringComparison.Ordinal) && token.LastIndexOf('.') < token.Length - 20;

    private static bool IsWord(char character) => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '+' or '/';
}
