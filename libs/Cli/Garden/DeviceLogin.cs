using System.Text.Json.Nodes;
using ModelGarden.Cli.Output;

namespace ModelGarden.Cli.Garden;

/// <summary>What a person is to do while his command line waits for him.</summary>
/// <param name="Page">Where he says yes.</param>
/// <param name="Code">What he types there.</param>
internal sealed record DeviceInvitation(string Page, string Code);

/// <summary>Gets a token by a device code of OAuth (RFC 8628), and ends one: the person says yes in any browser, this one asks until he has.</summary>
/// <param name="terminal">Where the waiting is done.</param>
/// <param name="transport">To the garden, as nobody.</param>
internal sealed class DeviceLogin(Terminal terminal, Transport transport)
{
    /// <summary>What the garden knows this program as.</summary>
    public const string Client = "garden-cli";

    private const string Grant = "urn:ietf:params:oauth:grant-type:device_code";
    private const int UsualPause = 5;
    private const int LongestPause = 60;
    private const int LongestWait = 3600;

    /// <param name="scopes">What the token is for.</param>
    /// <param name="show">Tells the person.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<string> RunAsync(IEnumerable<string> scopes, Action<DeviceInvitation> show, CancellationToken cancellationToken)
    {
        var begun = await SendAsync("oauth/device", cancellationToken, ("client_id", Client), ("scope", string.Join(' ', scopes)));
        show(new(TextOf(begun, "verification_uri"), TextOf(begun, "user_code")));
        var (code, pause) = (TextOf(begun, "device_code"), NumberOf(begun, "interval", UsualPause, LongestPause));
        for (var left = NumberOf(begun, "expires_in", 1, LongestWait); left > 0; left -= pause)
        {
            await terminal.Pause(TimeSpan.FromSeconds(pause), cancellationToken);
            var answer = await PollAsync(code, cancellationToken);
            if (answer.Token is { } token)
            {
                return token;
            }

            pause = Math.Min(answer.IsTooSoon ? pause + UsualPause : pause, LongestPause);
        }

        throw Expired();
    }

    /// <summary>Ends a token that this program was given. Whether it was good is not said.</summary>
    public Task RevokeAsync(string token, CancellationToken cancellationToken) => SendAsync("oauth/revoke", cancellationToken, ("client_id", Client), ("token", token));

    /// <summary>Asks once. Without a token: not yet; too soon also where the garden has too much to do, or is not reached: it is asked less often then (RFC 8628, section 3.5).</summary>
    private async Task<(string? Token, bool IsTooSoon)> PollAsync(string code, CancellationToken cancellationToken)
    {
        try
        {
            return (TextOf(await SendAsync("oauth/token", cancellationToken, ("grant_type", Grant), ("device_code", code), ("client_id", Client)), "access_token"), false);
        }
        catch (ErrorException exception) when (exception.Error.Reason is "authorization_pending" or "slow_down" or "temporarily_unavailable")
        {
            return (null, exception.Error.Reason is not "authorization_pending");
        }
        catch (NotReachableException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, true);
        }
        catch (ErrorException exception) when (exception.Error.Reason is "access_denied" or "expired_token")
        {
            throw exception.Error.Reason is "access_denied" ? new ErrorException(Error.Denied("NOT_ALLOWED", "the login was not allowed in the browser")) : Expired();
        }
    }

    private async Task<JsonObject> SendAsync(string path, CancellationToken cancellationToken, params (string Name, string Value)[] fields)
    {
        var (answer, _) = await transport.SendJsonAsync(
            () => new(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))) }, Sending.Once, cancellationToken);
        return answer as JsonObject ?? throw JsonCalls.Bad("it is no object");
    }

    private static ErrorException Expired() => new(Error.Unauthenticated("CODE_EXPIRED", "nobody typed the code in time: log in again"));

    private static string TextOf(JsonObject answer, string name) =>
        answer[name] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : throw JsonCalls.Bad($"it has no {name}");

    /// <summary>Of seconds; a usual number where it says none.</summary>
    private static int NumberOf(JsonObject answer, string name, int usual, int most) =>
        Math.Clamp(answer[name] is JsonValue value && value.TryGetValue<int>(out var given) ? given : usual, 1, most);
}
