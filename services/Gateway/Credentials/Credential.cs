using ModelGarden.Contracts.V1;

namespace ModelGarden.Gateway.Credentials;

/// <summary>What a request shows of who it is from.</summary>
internal readonly record struct Credential
{
    private Credential(string kind, string text) => (Kind, Text) = (kind, text);

    /// <summary>Nothing: an anonymous caller.</summary>
    public static Credential Nobody { get; } = Token("");

    public string Kind { get; }

    public string Text { get; }

    public static Credential Token(string text) => new("token", text);

    /// <summary>The value of a session's cookie, which is nothing in any other place.</summary>
    public static Credential Session(string text) => new("session", text);

    public AuthenticateRequest ToRequest() => Kind is "session" ? new() { Session = Text } : new() { Credential = Text };
}
