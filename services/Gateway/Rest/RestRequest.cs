using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using ModelGarden.Kernel;

namespace ModelGarden.Gateway.Rest;

/// <summary>Makes an RPC's request out of an HTTP one: the body in protobuf's JSON, then the query's parameters, then the path's.</summary>
internal static class RestRequest
{
    private const int MaximumBody = 1 << 20;

    public static async Task<IMessage> ReadAsync(HttpContext context, RestRoute route)
    {
        var fields = route.HasBody ? await ReadBodyAsync(context) : [];
        if (!route.HasBody)
        {
            AddQuery(fields, context.Request.Query, route.Method.InputType);
        }

        AddPath(fields, context.Request.RouteValues);
        return Parse(fields, route.Method.InputType);
    }

    private static async Task<JsonObject> ReadBodyAsync(HttpContext context)
    {
        if (context.Request.ContentLength is > MaximumBody)
        {
            throw TooLarge();
        }

        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
        {
            if (body.Length + read > MaximumBody)
            {
                throw TooLarge();
            }

            body.Write(buffer, 0, read);
        }

        return body.Length is 0 ? [] : ToObject(body.ToArray());
    }

    private static ErrorException TooLarge() => new(Error.Exhausted("BODY_TOO_LARGE", $"the body is larger than {MaximumBody} bytes: files are uploaded through the Hub's protocol"));

    private static JsonObject ToObject(byte[] body)
    {
        try
        {
            var fields = JsonNode.Parse(body, documentOptions: new() { MaxDepth = 32, AllowDuplicateProperties = false }) as JsonObject
                ?? throw new ErrorException(Error.Invalid("BAD_JSON", "the body must be a JSON object"));
            // Names are decoded when they are first asked for.
            _ = fields.Count;
            return fields;
        }
        catch (InvalidOperationException exception)
        {
            throw new ErrorException(Error.Invalid("BAD_JSON", "a field's name is not valid unicode"), exception);
        }
        catch (JsonException exception)
        {
            throw new ErrorException(Error.Invalid("BAD_JSON", $"the body is not JSON, or names a field twice: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine}"), exception);
        }
    }

    private static void AddQuery(JsonObject fields, IQueryCollection query, MessageDescriptor type)
    {
        foreach (var (name, values) in query)
        {
            var field = type.Fields.InDeclarationOrder().FirstOrDefault(field => field.JsonName == name || field.Name == name)
                ?? throw new ErrorException(Error.Invalid("BAD_QUERY", $"there is no query parameter '{Text.Shorten(name)}': {Known(type)}"));
            fields[field.JsonName] = field.IsRepeated
                ? new JsonArray([.. values.Select(value => Value(field, value))])
                : Value(field, values.LastOrDefault());
        }
    }

    private static string Known(MessageDescriptor type) =>
        type.Fields.InDeclarationOrder() is { Count: > 0 } fields ? $"there are {string.Join(", ", fields.Select(field => field.JsonName))}" : "this call takes none";

    // Protobuf's JSON takes numbers, enums and times as strings too; booleans alone are literal.
    private static JsonNode? Value(FieldDescriptor field, string? value) => field.FieldType is FieldType.Bool && bool.TryParse(value, out var flag) ? flag : value;

    private static void AddPath(JsonObject fields, RouteValueDictionary values)
    {
        foreach (var group in values.GroupBy(value => value.Key.Split('.')[0]))
        {
            fields[group.Key] = string.Join('/', group.OrderBy(value => value.Key, StringComparer.Ordinal).Select(value => value.Value as string));
        }
    }

    private static IMessage Parse(JsonObject fields, MessageDescriptor type)
    {
        try
        {
            return JsonParser.Default.Parse(fields.ToJsonString(), type);
        }
        // InvalidOperationException: a string is no valid unicode.
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidJsonException or FormatException or OverflowException or InvalidOperationException)
        {
            throw new ErrorException(Error.Invalid("BAD_REQUEST", $"the request does not fit {type.Name}: {exception.Message}"), exception);
        }
    }
}
