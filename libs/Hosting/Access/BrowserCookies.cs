namespace ModelGarden.Hosting.Access;

/// <summary>
/// The cookies of signed-in browsers: Identity sets them, the Gateway reads the first and passes neither on but to Identity's pages. With TLS their names begin with <c>__Host-</c>, so that
/// no other host and no plain connection can have set them (RFC 6265bis, section 4.1.3.2).
/// </summary>
public static class BrowserCookies
{
    private const string Guarded = "__Host-";

    /// <summary>The session's secret.</summary>
    public static string Session(bool isSecure) => Name("garden-session", isSecure);

    /// <summary>What the forms of the pages that were shown to this browser carry too.</summary>
    public static string Form(bool isSecure) => Name("garden-form", isSecure);

    /// <summary>One of these, whether the connection is secure or not.</summary>
    public static bool IsOurs(string name) => name == Session(true) || name == Session(false) || name == Form(true) || name == Form(false);

    private static string Name(string name, bool isSecure) => isSecure ? Guarded + name : name;
}
