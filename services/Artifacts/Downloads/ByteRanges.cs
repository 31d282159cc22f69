using System.Globalization;

namespace ModelGarden.Artifacts.Downloads;

/// <summary>Some bytes of a file; never none.</summary>
internal readonly record struct ByteRange(long First, long Last)
{
    public long Length => Last - First + 1;
}

/// <summary>Reads the header <c>Range</c> (RFC 9110, 14.2).</summary>
internal static class ByteRanges
{
    private const string Unit = "bytes=";
    private const int MaximumRanges = 64;

    /// <summary>
    /// The ranges that a file of this length has of those asked for: none means that it has none of them (416). Null: the whole file is to be served, since the header is absent, of
    /// another unit, malformed, or asks for so many ranges, or for so much twice, that the whole is cheaper.
    /// </summary>
    public static IReadOnlyList<ByteRange>? Read(string header, long length)
    {
        if (!header.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var parts = header[Unit.Length..].Split(',', MaximumRanges + 1, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var ranges = new List<ByteRange>(parts.Length);
        foreach (var part in parts)
        {
            if (!TryRead(part, length, out var range))
            {
                return null;
            }

            if (range is { } satisfiable)
            {
                ranges.Add(satisfiable);
            }
        }

        return parts.Length is 0 or > MaximumRanges || (ranges.Count > 1 && ranges.Sum(range => (double)range.Length) > length) ? null : ranges;
    }

    /// <summary>False: malformed. No range: well formed and not in the file.</summary>
    private static bool TryRead(string part, long length, out ByteRange? range)
    {
        range = null;
        var dash = part.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0 || !TryNumber(part[..dash], out var first) || !TryNumber(part[(dash + 1)..], out var last))
        {
            return false;
        }

        switch (first, last)
        {
            case (null, null):
                return false;
            case (null, { } suffix):
                range = suffix is 0 || length is 0 ? null : new(Math.Max(0, length - suffix), length - 1);
                return true;
            case ({ } from, { } to) when to < from:
                return false;
            case ({ } from, _):
                range = from >= length ? null : new(from, Math.Min(last ?? long.MaxValue, length - 1));
                return true;
        }
    }

    /// <summary>Empty text is no number, and well formed; a number beyond all files is the greatest.</summary>
    private static bool TryNumber(string text, out long? number)
    {
        number = null;
        if (!text.All(char.IsAsciiDigit))
        {
            return false;
        }

        if (text.Length > 0)
        {
            number = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : long.MaxValue;
        }

        return true;
    }
}
