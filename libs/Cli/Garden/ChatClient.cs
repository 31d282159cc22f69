using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModelGarden.Cli.Garden;

/// <summary>One word in a conversation, by <c>system</c>, <c>user</c> or <c>assistant</c>.</summary>
internal sealed record ChatMessage(string Role, string Content);

/// <summary>What is asked of an endpoint.</summary>
internal sealed record ChatRequest(string Endpoint, IReadOnlyList<ChatMessage> Messages, int? MaximumTokens, double? Temperature);

/// <summary>A piece of an answer.</summary>
/// <param name="Json">As it came.</param>
/// <param name="Text">Empty: this piece has none.</param>
/// <param name="Finish">Why the answer ends, in the piece that ends it: stop or length.</param>
internal sealed record ChatPiece(string Json, string Text, string? Finish);

/// <summary>Chat through OpenAI's protocol, streamed.</summary>
internal sealed class ChatClient(Transport transport)
{
    private const string End = "[DONE]";

    // A sleeping endpoint has to load its model before the first word.
    private static readonly TimeSpan WakingUp = TimeSpan.FromMinutes(15);

    public async IAsyncEnumerable<ChatPiece> AskAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var body = ToJson(request).ToJsonString();
        using var response = await transport.SendAsync(
            () => new(HttpMethod.Post, new Uri("v1/chat/completions", UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") },
            new(false, WakingUp),
            cancellationToken).OrThrowAsync(cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var lines = BoundedText.ReadLinesAsync(stream, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(lines))
        {
            if (DataOf(lines.Current) is { } data)
            {
                if (data is End)
                {
                    yield break;
                }

                yield return ToPiece(data);
            }
        }

        throw Broken();
    }

    private static JsonObject ToJson(ChatRequest request)
    {
        var body = new JsonObject
        {
            ["model"] = request.Endpoint,
            ["messages"] = new JsonArray([.. request.Messages.Select(message => new JsonObject { ["role"] = message.Role, ["content"] = message.Content })]),
            ["stream"] = true,
            ["stream_options"] = new JsonObject { ["include_usage"] = true },
        };
        if (request.MaximumTokens is { } tokens)
        {
            body["max_tokens"] = tokens;
        }

        if (request.Temperature is { } temperature)
        {
            body["temperature"] = temperature;
        }

        return body;
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<string> lines)
    {
        try
        {
            return await lines.MoveNextAsync();
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw Broken(exception);
        }
    }

    private static ErrorException Broken(Exception? inner = null) =>
        new(Error.Unavailable("ANSWER_BROKEN", "the answer broke off before its end: ask again"), inner);

    // https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
    private static string? DataOf(string line) => line.StartsWith("data:", StringComparison.Ordinal) ? line["data:".Length..].TrimStart(' ') : null;

    private static ChatPiece ToPiece(string data)
    {
        try
        {
            using var document = JsonDocument.Parse(data);
            var root = document.RootElement;
            if (root.TryGetProperty("error", out var error))
            {
                throw new ErrorException(Error.Unavailable("ANSWER_BROKEN", error.TryGetProperty("message", out var message) ? message.ToString() : error.ToString()));
            }

            return root.TryGetProperty("choices", out var choices) && choices.GetArrayLength() > 0 ? ToPiece(data, choices[0]) : new(data, "", null);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new ErrorException(Error.Unavailable("BAD_ANSWER", $"the endpoint's answer cannot be read: {Text.Shorten(data)}"), exception);
        }
    }

    private static ChatPiece ToPiece(string data, JsonElement choice) => new(
        data,
        choice.TryGetProperty("delta", out var delta) && delta.TryGetProperty("content", out var content) ? content.GetString() ?? "" : "",
        choice.TryGetProperty("finish_reason", out var finish) ? finish.GetString() : null);
}
