namespace ModelGarden.Rights.Policies;

/// <summary>A text in which <c>*</c> stands for anything, also for nothing; upper and lower case are one.</summary>
internal sealed class Pattern(string text)
{
    private readonly string[] _parts = text.Split('*');

    /// <summary>Up to the first <c>*</c>.</summary>
    public string Beginning => _parts[0];

    /// <summary>It has no <c>*</c>: one value alone matches.</summary>
    public bool IsWhole => _parts.Length is 1;

    public bool Matches(string value)
    {
        if (_parts is [var whole])
        {
            return string.Equals(whole, value, StringComparison.OrdinalIgnoreCase);
        }

        var (first, last) = (_parts[0], _parts[^1]);
        return value.Length >= first.Length + last.Length && value.StartsWith(first, StringComparison.OrdinalIgnoreCase) && value.EndsWith(last, StringComparison.OrdinalIgnoreCase)
            && HasBetween(value.AsSpan(first.Length, value.Length - first.Length - last.Length));
    }

    /// <summary>The parts between the first and the last, one behind the other: each as early as can be leaves the most for the next.</summary>
    private bool HasBetween(ReadOnlySpan<char> middle)
    {
        foreach (var part in _parts.AsSpan(1, _parts.Length - 2))
        {
            if (middle.IndexOf(part, StringComparison.OrdinalIgnoreCase) is not (>= 0 and var at))
            {
                return false;
            }

            middle = middle[(at + part.Length)..];
        }

        return true;
    }
}
