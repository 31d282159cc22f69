using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace ModelGarden.Catalog;

/// <summary>Where a list goes on, as text that means nothing to its reader. Names the last thing shown, so what comes or goes meanwhile shifts nothing.</summary>
internal static class PageToken
{
    private const int MaximumLength = 4096;
    private static readonly long LastMillisecond = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private static Error Unknown => Error.Invalid("BAD_PAGE_TOKEN", "page_token is not one that a list of this kind answered: begin with an empty one");

    public static string Write(params ReadOnlySpan<string> parts) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Join('\n', parts)));

    /// <summary>The parts; none for an empty token.</summary>
    public static Result<string[]> Read(string token, int parts)
    {
        if (token.Length is 0)
        {
            return Array.Empty<string>();
        }

        return token.Length <= MaximumLength && Base64Url.IsValid(token) && Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token)).Split('\n') is { } read
            && read.Length == parts && !read.Any(part => part.Contains('\0', StringComparison.Ordinal))
            ? read
            : Unknown;
    }

    /// <summary>Names the last thing shown of a list in the order of a number, or of a time in milliseconds since 1970, and then of ids.</summary>
    public static string Write(long number, string id) => Write(number.ToString(CultureInfo.InvariantCulture), id);

    /// <summary>See <see cref="Write(long, string)"/>; an empty token has no id.</summary>
    public static Result<Place> ReadPlace(string token) => Read(token, 2) switch
    {
        { Error: { } error } => error,
        { Value: [] } => new Place(0, ""),
        { Value: [var text, { Length: > 0 } id] } when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= LastMillisecond => new Place(number, id),
        _ => Unknown,
    };

    /// <summary>The page size asked for, or the default for 0.</summary>
    public static Result<int> Size(int asked, int normal, int maximum) => asked switch
    {
        0 => normal,
        > 0 when asked <= maximum => asked,
        _ => Error.Invalid("BAD_PAGE_SIZE", $"page_size is {asked}: 1 to {maximum} is expected, or 0 for {normal}"),
    };
}

/// <summary>Where a list goes on: behind the thing with this number, or time in milliseconds, and this id; without an id at the beginning.</summary>
internal sealed record Place(long Number, string Id)
{
    public DateTimeOffset At => DateTimeOffset.FromUnixTimeMilliseconds(Number);
}
