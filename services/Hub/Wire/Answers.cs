using System.Text.Json;
using System.Text.Json.Nodes;
using ModelGarden.Hosting.Errors;

namespace ModelGarden.Hub.Wire;

/// <summary>Writes answers.</summary>
internal static class Answers
{
    private const int HeaderLimit = 1000;

    public static Task WriteJsonAsync(this HttpContext http, JsonNode body, int status = StatusCodes.Status200OK, string contentType = "application/json; charset=utf-8")
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            body.WriteTo(writer);
        }

        return http.WriteBytesAsync(buffer.ToArray(), status, contentType);
    }

    public static async Task WriteBytesAsync(this HttpContext http, ReadOnlyMemory<byte> body, int status, string contentType)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
        }
    }

    /// <summary>Says no in all three places that clients look at: the status, the headers (a HEAD has nothing else) and the body.</summary>
    public static Task WriteAsync(this HttpContext http, Refusal refusal, JsonObject? more = null)
    {
        var headers = http.Response.Headers;
        headers["X-Error-Message"] = ToHeader(refusal.HeaderMessage ?? refusal.Message);
        if (refusal.Code is { } code)
        {
            headers["X-Error-Code"] = code;
        }

        if (refusal.RetryAfterSeconds > 0)
        {
            headers.RetryAfter = $"{refusal.RetryAfterSeconds}";
        }

        var body = more ?? [];
        body["error"] = refusal.Message;
        if (refusal.Why.Length > 0)
        {
            body["why"] = refusal.Why;
            HttpErrors.Link(http.Response, refusal.Why);
        }

        return http.WriteJsonAsync(body, refusal.Status);
    }

    // Header values are ASCII without controls; the body has the words as they are.
    private static string ToHeader(string text) =>
        string.Concat((text.Length > HeaderLimit ? text[..HeaderLimit] : text).Select(c => c is >= ' ' and <= '~' ? c : '?'));
}
