using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ModelGarden.Hosting.Access;

/// <summary>
/// The cookies of signed-in browsers: Identity sets them, the Gateway reads the first and passes neither on but to Identity's pages. With TLS their names begin with <c>__Host-</c>, so that
/// no other host and no plain connection can have set them (RFC 6265bis, section 4.1.3.2).
/// </summary>
public static class BrowserCookies
{
    private const string Guarded = "__Host-";
    private static readonly FrozenSet<string> Ours = new[] { Session(true), Session(false), Form(true), Form(false) }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The session's secret.</summary>
    public static string Session(bool isSecure) => Name("garden-session", isSecure);

    /// <summary>What the forms of the pages that were shown to this browser carry too.</summary>
    public static string Form(bool isSecure) => Name("garden-form", isSecure);

    /// <summary>One of these, whether the connection is secure or not, and however it is written: readers further in may not look at the case.</summary>
    public static bool IsOurs(string name) => Ours.Contains(name);

    /// <summary>
    /// The first cookie of exactly this name, as it was sent; null: there is none. A name in another case was not set by us, and with TLS it is one that its beginning does not guard.
    /// </summary>
    public static string? Find(HttpRequest request, string name) =>
        Array.Find(Split(request.Headers.Cookie), cookie => cookie.StartsWith($"{name}=", StringComparison.Ordinal))?[(name.Length + 1)..].Trim();

    /// <summary>The request's cookies without these; empty: there are no others.</summary>
    public static string Others(HttpRequest request) => string.Join("; ", Split(request.Headers.Cookie).Where(cookie => !IsOurs(cookie.Split('=')[0].Trim())));

    // HTTP/2 lets a browser send each cookie in a header of its own (RFC 9113, section 8.2.3).
    private static string[] Split(StringValues headers) => string.Join(';', headers.ToArray()).Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string Name(string name, bool isSecure) => isSecure ? Guarded + name : name;
}
