using System.Globalization;

namespace ModelGarden.Hub.Wire;

/// <summary>What a <c>Range</c> header means for something of a known size (RFC 9110, section 14); one range only.</summary>
/// <param name="Start">First byte.</param>
/// <param name="Length">How many; 0: the range lies behind the end.</param>
internal readonly record struct ByteRange(long Start, long Length)
{
    public bool IsSatisfiable => Length > 0;

    /// <summary>Null: no range, several, or nothing that is one: then the whole is sent.</summary>
    public static ByteRange? Parse(string header, long size)
    {
        const string unit = "bytes=";
        var dash = header.IndexOf('-', StringComparison.Ordinal);
        if (!header.StartsWith(unit, StringComparison.OrdinalIgnoreCase) || dash < 0 || header.Contains(',', StringComparison.Ordinal))
        {
            return null;
        }

        var first = header[unit.Length..Math.Max(unit.Length, dash)].Trim();
        var last = header[(dash + 1)..].Trim();
        return (Number(first), Number(last)) switch
        {
            (null, { } suffix) when first.Length is 0 => Within(Math.Max(0, size - suffix), suffix, size),
            ({ } start, null) when last.Length is 0 => Within(start, long.MaxValue - start, size),
            ({ } start, { } end) when end >= start => Within(start, end - start + 1, size),
            _ => null,
        };
    }

    private static ByteRange Within(long start, long length, long size) => new(start, start >= size ? 0 : Math.Min(length, size - start));

    private static long? Number(string digits) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < long.MaxValue ? number : null;
}
