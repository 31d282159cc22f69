using System.Buffers.Text;
using System.Text;

namespace ModelGarden.Catalog;

/// <summary>Where a list goes on, as text that means nothing to its reader. Names the last thing shown, so what comes or goes meanwhile shifts nothing.</summary>
internal static class PageToken
{
    private const int MaximumLength = 4096;

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
            : Error.Invalid("BAD_PAGE_TOKEN", "page_token is not one that a list of this kind answered: begin with an empty one");
    }

    /// <summary>The page size asked for, or the default for 0.</summary>
    public static Result<int> Size(int asked, int normal, int maximum) => asked switch
    {
        0 => normal,
        > 0 when asked <= maximum => asked,
        _ => Error.Invalid("BAD_PAGE_SIZE", $"page_size is {asked}: 1 to {maximum} is expected, or 0 for {normal}"),
    };
}
