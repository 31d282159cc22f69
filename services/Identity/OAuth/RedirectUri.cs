using System.Text.RegularExpressions;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.OAuth;

/// <summary>Addresses that people are sent back to with a code.</summary>
internal static partial class RedirectUri
{
    private const int Longest = 500;

    /// <summary>Why an address cannot be registered; null: it can.</summary>
    public static Error? Refusal(string text) =>
        text.Length is 0 or > Longest || text.Any(c => c is <= ' ' or > '~' or '"' or '<' or '>' or '\\' or '^' or '`' or '{' or '|' or '}') || text.Contains('#', StringComparison.Ordinal)
            || !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.UserInfo.Length > 0 || !IsSafe(uri)
            ? Error.Invalid("BAD_REDIRECT_URI", $"'{Text.Shorten(text)}' is not an address to send people back to: https, http with 127.0.0.1, [::1] or localhost, or a private scheme with a dot, such as com.example.app:/done; no fragment, at most {Longest} characters")
            : null;

    /// <summary>Exactly one of those that are registered, but for the port of a loopback address, which the program's system chooses when it runs (RFC 8252, section 7.3).</summary>
    public static bool IsOneOf(IEnumerable<string> registered, string given) =>
        Refusal(given) is null && registered.Any(one => one == given || (Loopback().Match(one) is { Success: true } known && Loopback().Match(given) is { Success: true } asked
            && known.Groups["host"].Value == asked.Groups["host"].Value && known.Groups["rest"].Value == asked.Groups["rest"].Value));

    /// <summary>Any program on the device could be listening there: no secret and no name proves which.</summary>
    public static bool IsOnTheDevice(string uri) => !uri.StartsWith("https:", StringComparison.Ordinal);

    /// <summary>Where somebody comes who is sent there, in words for him. A site by its name; of a private scheme all of it, for what stands where sites have their name says nothing there.</summary>
    public static string DestinationOf(string uri) => new Uri(uri) switch
    {
        { Scheme: "https", Authority: var site } => site,
        { Scheme: "http", Authority: var place } => $"a program on this device, at {place}",
        _ => $"whatever program on this device opens {uri}",
    };

    /// <summary>The address with parameters added to its query.</summary>
    public static string With(string uri, params (string Name, string Value)[] parameters)
    {
        var query = string.Join('&', parameters.Where(one => one.Value.Length > 0).Select(one => $"{one.Name}={Uri.EscapeDataString(one.Value)}"));
        return $"{uri}{(uri.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{query}";
    }

    private static bool IsSafe(Uri uri) => uri.Scheme switch
    {
        "https" => true,
        "http" => uri.Host is "127.0.0.1" or "[::1]" or "localhost",
        var scheme => scheme.Contains('.', StringComparison.Ordinal),
    };

    [GeneratedRegex(@"\Ahttp://(?<host>127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?(?<rest>([/?].*)?)\z")]
    private static partial Regex Loopback();
}
