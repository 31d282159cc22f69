using System.Text;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Routing;

/// <summary>
/// A request's path as it was sent, split at its slashes before anything is decoded: a revision such as <c>feat%2Fx</c> is one segment.
/// Every segment is decoded once, strictly: broken escapes and broken UTF-8 are refused.
/// </summary>
internal static class RawPath
{
    private const int MaximumLength = 8192;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The segments of a request line's target, without the query.</summary>
    public static Result<IReadOnlyList<string>> Parse(string target)
    {
        if (target.Length > MaximumLength)
        {
            return Error.Invalid("BAD_URL", $"the URL is longer than {MaximumLength} characters");
        }

        var segments = new List<string>();
        foreach (var part in Split(target))
        {
            if (Decode(part) is not { } segment || segment.Any(char.IsControl))
            {
                return Error.Invalid("BAD_URL", $"the path segment '{Text.Shorten(part)}' is not percent-encoded UTF-8 without control characters");
            }

            segments.Add(segment);
        }

        return segments;
    }

    /// <summary>The segments as they were sent, not decoded.</summary>
    public static string[] Split(string target) => PathOf(target).Split('/');

    // Proxies may send the absolute form, "http://host/path".
    private static string PathOf(string target)
    {
        var end = target.AsSpan().IndexOfAny('?', '#');
        var path = end < 0 ? target : target[..end];
        var scheme = path.IndexOf("://", StringComparison.Ordinal);
        if (path is ['/', ..] || scheme < 0)
        {
            return path.TrimStart('/');
        }

        var slash = path.IndexOf('/', scheme + 3);
        return slash < 0 ? "" : path[(slash + 1)..];
    }

    private static string? Decode(string segment)
    {
        if (!segment.Contains('%', StringComparison.Ordinal))
        {
            return segment;
        }

        var bytes = new List<byte>(segment.Length);
        for (var i = 0; i < segment.Length; i++)
        {
            if (segment[i] is not '%')
            {
                bytes.AddRange(Encoding.UTF8.GetBytes([segment[i]]));
            }
            else if (i + 2 < segment.Length && char.IsAsciiHexDigit(segment[i + 1]) && char.IsAsciiHexDigit(segment[i + 2]))
            {
                bytes.Add(Convert.ToByte(segment.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                return null;
            }
        }

        return ToText([.. bytes]);
    }

    private static string? ToText(byte[] bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
