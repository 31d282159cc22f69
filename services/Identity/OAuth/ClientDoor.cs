using System.Security.Cryptography;
using System.Text;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Secrets;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.OAuth;

/// <summary>Says which client asks, and has a confidential one prove it: client_secret_basic or client_secret_post (OAuth 2.1, section 2.4).</summary>
internal sealed class ClientDoor(ClientBook clients, OAuthGate gate)
{
    private const int Longest = 1024;

    /// <summary>The one that asks, if it does not ask too often.</summary>
    public async Task<Result<ClientRow>> OpenAsync(HttpRequest request, OAuthParameters parameters, CancellationToken cancellationToken)
    {
        var shown = Shown(request.Headers[ClientCredential.Header].ToString(), parameters);
        if (shown.Error is not null)
        {
            return shown.Error;
        }

        var (id, secret) = shown.Value;
        if (await clients.FindAsync(id, cancellationToken) is not { } client || !IsProven(client, secret))
        {
            return OAuthErrors.Client("there is no such client, or this is not its secret; a public client has none");
        }

        return gate.TakeClient(client) is { } tooMany ? tooMany : client;
    }

    private static Result<(string Id, string Secret)> Shown(string authorization, OAuthParameters parameters)
    {
        if (parameters["client_assertion"].Length > 0)
        {
            return OAuthErrors.Client("clients prove themselves with client_secret_basic or client_secret_post");
        }

        if (authorization.Length is 0)
        {
            return parameters["client_id"].Length > 0 ? (parameters["client_id"], parameters["client_secret"]) : OAuthErrors.Client("client_id is missing");
        }

        if (Basic(authorization) is not { } basic)
        {
            return OAuthErrors.Client("the Authorization header is not basic authentication with the client's id and secret");
        }

        // One way at a time (OAuth 2.1, section 2.4); the id may stand in the body too if it is the same.
        return parameters["client_secret"].Length > 0 || (parameters["client_id"].Length > 0 && parameters["client_id"] != basic.Id)
            ? OAuthErrors.Request("the client proves itself in two ways at once: use one")
            : basic;
    }

    /// <summary>Both are encoded as in a form before they are joined (RFC 6749, section 2.3.1).</summary>
    private static (string Id, string Secret)? Basic(string authorization)
    {
        var bytes = new byte[Longest];
        return authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) && Convert.TryFromBase64String(authorization[6..].Trim(), bytes, out var length)
            && Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is [var id, var secret]
            ? (Uri.UnescapeDataString(id.Replace('+', ' ')), Uri.UnescapeDataString(secret.Replace('+', ' ')))
            : null;
    }

    private static bool IsProven(ClientRow client, string secret) => client.IsConfidential
        ? CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(SecretText.HashOf(secret)), Encoding.ASCII.GetBytes(client.SecretHash))
        : secret.Length is 0;
}
