using System.Text.Json;
using System.Text.Json.Nodes;
using ModelGarden.Kernel;

namespace ModelGarden.Serving.OpenAi;

/// <summary>What Serving reads of a call, and the body as a replica gets it: asked for usage with every piece of a stream, for metering.</summary>
/// <param name="Model">The endpoint called.</param>
/// <param name="IsStream">The answer is to come as server-sent events.</param>
/// <param name="WantsUsage">The caller himself asked for usage in the stream.</param>
/// <param name="Body">For the replica.</param>
internal sealed record OpenAiRequest(string Model, bool IsStream, bool WantsUsage, byte[] Body)
{
    public static Result<OpenAiRequest> Parse(byte[] body)
    {
        try
        {
            if (JsonNode.Parse(body, documentOptions: new() { MaxDepth = 64 }) is not JsonObject request)
            {
                return Error.Invalid("BAD_JSON", "the body must be a JSON object");
            }

            if (request["model"] is not JsonValue value || !value.TryGetValue<string>(out var model) || model.Length is 0 or > 256)
            {
                return Error.Invalid("MODEL_MISSING", "'model' must name an endpoint: 'garden endpoints list' shows what there is");
            }

            if (request["stream"] is { } stream && stream.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null))
            {
                return Error.Invalid("BAD_STREAM", "'stream' must be true or false");
            }

            return Make(request, model);
        }
        catch (JsonException exception)
        {
            return Error.Invalid("BAD_JSON", $"the body is not JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine}");
        }
        catch (ArgumentException)
        {
            return Error.Invalid("BAD_JSON", "the body names a property twice");
        }
    }

    private static Result<OpenAiRequest> Make(JsonObject request, string model)
    {
        var isStream = request["stream"]?.GetValueKind() is JsonValueKind.True;
        var options = request["stream_options"] as JsonObject;
        var wantsUsage = options?["include_usage"]?.GetValueKind() is JsonValueKind.True;
        if (isStream)
        {
            options = options?.DeepClone() as JsonObject ?? [];
            options["include_usage"] = true;
            options["continuous_usage_stats"] = true;
            request["stream_options"] = options;
        }

        request["model"] = model[(model.IndexOf('/', StringComparison.Ordinal) + 1)..];
        return new OpenAiRequest(model, isStream, wantsUsage, JsonSerializer.SerializeToUtf8Bytes(request));
    }
}
