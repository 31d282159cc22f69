using ModelGarden.Kernel;

namespace ModelGarden.Search.Queries.Language;

/// <summary>The text of a query, read from its beginning to its end.</summary>
internal sealed class QueryText(string text)
{
    private const string Operators = ":<>=";

    /// <summary>Where reading stands.</summary>
    public int Place { get; private set; }

    public bool IsAtEnd => Place == text.Length;

    public bool IsAtQuote => !IsAtEnd && text[Place] is '"';

    public Error Fault(int place, string message) => SearchErrors.BadQuery(text[..place].EnumerateRunes().Count() + 1, message);

    /// <summary>Passes over white space; false: there is nothing after it.</summary>
    public bool SkipSpace()
    {
        while (!IsAtEnd && char.IsWhiteSpace(text[Place]))
        {
            Place++;
        }

        return !IsAtEnd;
    }

    public bool Take(char c)
    {
        var isThere = !IsAtEnd && text[Place] == c;
        Place += isThere ? 1 : 0;
        return isThere;
    }

    /// <summary>A field's name, in small letters, if an operator comes after it; reading goes on behind a colon, or at any other operator.</summary>
    public string? TakeField()
    {
        var end = Place;
        while (end < text.Length && (char.IsAsciiLetter(text[end]) || text[end] is '_'))
        {
            end++;
        }

        if (end == Place || end == text.Length || !Operators.Contains(text[end], StringComparison.Ordinal))
        {
            return null;
        }

        var field = text[Place..end].ToLowerInvariant();
        Place = text[end] is ':' ? end + 1 : end;
        return field;
    }

    /// <summary>One of &lt; &lt;= &gt; &gt;= and =; empty: none is here.</summary>
    public string TakeOperator()
    {
        var start = Place;
        var isBound = Take('<') || Take('>');
        _ = Take('=') || isBound;
        return text[start..Place];
    }

    /// <summary>The values of a field, with commas between.</summary>
    public Result<List<string>> TakeValues(string field)
    {
        if (!IsAtEnd && text[Place] is '<' or '>' or '=')
        {
            return Fault(Place, $"{field} takes a colon: {field}:value");
        }

        var values = new List<string>();
        do
        {
            var start = Place;
            var value = TakeValue(stopsAtComma: true);
            if (value.Error is { } error)
            {
                return error;
            }

            if (value.Value.Length is 0)
            {
                return Fault(start, $"a value of {field} is expected here");
            }

            values.Add(value.Value);
        }
        while (Take(','));
        return values;
    }

    /// <summary>The one value of a field.</summary>
    public Result<string> TakeOne(string field)
    {
        var start = Place;
        var value = TakeValue(stopsAtComma: false);
        return value is { Error: null, Value.Length: 0 } ? Fault(start, $"a value of {field} is expected here") : value;
    }

    /// <summary>Up to the next white space, or what stands in quotation marks; may be empty.</summary>
    public Result<string> TakeValue(bool stopsAtComma)
    {
        var start = Place;
        if (Take('"'))
        {
            var end = text.IndexOf('"', Place);
            if (end < 0)
            {
                return Fault(start, "the quotation mark has no second one");
            }

            Place = end + 1;
            return text[(start + 1)..end].Trim();
        }

        while (!IsAtEnd && !char.IsWhiteSpace(text[Place]) && text[Place] is not '"' && !(stopsAtComma && text[Place] is ','))
        {
            Place++;
        }

        return text[start..Place];
    }
}
