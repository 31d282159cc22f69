using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModelGarden.Cli.Garden;

/// <summary>Reads a refusal in any of the words that one port speaks: our REST's, the Hub's, OpenAI's, OAuth's, or none.</summary>
internal static class Refusals
{
    private const int MaximumBody = 256 * 1024;

    /// <summary>Returns a success as it is and throws everything else as an <see cref="ErrorException"/>.</summary>
    public static async Task<HttpResponseMessage> OrThrowAsync(this Task<HttpResponseMessage> sending, CancellationToken cancellationToken)
    {
        var response = await sending;
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw new ErrorException(await ReadAsync(response, cancellationToken));
        }
    }

    public static async Task<Error> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await BodyAsync(response, cancellationToken);
        var code = ToCode(response.StatusCode);
        var (reason, message) = body?["error"] switch
        {
            JsonObject error => (Text(error["reason"]) ?? Text(error["code"])?.ToUpperInvariant(), Text(error["message"])),
            // OAuth's (RFC 6749, section 5.2).
            JsonValue error when Text(body["error_description"]) is { } description => (Text(error), description),
            JsonValue error => (Header(response, "X-Error-Code"), Text(error)),
            _ => (Header(response, "X-Error-Code"), Header(response, "X-Error-Message")),
        };
        return new(code, reason ?? $"HTTP_{(int)response.StatusCode}", message ?? $"the garden answered {(int)response.StatusCode} {response.ReasonPhrase}")
        {
            Why = Text((body?["error"] as JsonObject)?["why"]) ?? Text(body?["why"]) ?? "",
        };
    }

    /// <summary>The error that a line of a broken stream carries; null: none.</summary>
    public static Error? OfLine(JsonNode? line) => line is JsonObject { Count: 1 } && line["error"] is JsonObject error
        ? Error.Unavailable(Text(error["reason"]) ?? "STREAM_BROKEN", Text(error["message"]) ?? "the stream broke off")
        : null;

    private static async Task<JsonNode?> BodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await BoundedText.ReadAsync(stream, MaximumBody, cancellationToken) is { Length: > 0 } text ? JsonNode.Parse(text) as JsonObject : null;
        }
        catch (Exception exception) when (exception is JsonException or HttpRequestException or IOException)
        {
            // The status says enough.
            return null;
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? Uri.UnescapeDataString(values.First()) : null;

    private static ErrorCode ToCode(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => ErrorCode.Unauthenticated,
        HttpStatusCode.Forbidden => ErrorCode.PermissionDenied,
        HttpStatusCode.NotFound => ErrorCode.NotFound,
        HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed => ErrorCode.Conflict,
        HttpStatusCode.TooManyRequests or HttpStatusCode.RequestEntityTooLarge => ErrorCode.ResourceExhausted,
        >= HttpStatusCode.InternalServerError => ErrorCode.Unavailable,
        _ => ErrorCode.InvalidArgument,
    };
}
