using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;

namespace ModelGarden.Gateway.Rest;

/// <summary>The OpenAPI 3.1 document of our REST, made from the protos as the routes are: it cannot say anything else than what is served.</summary>
internal static partial class OpenApi
{
    private static readonly Lazy<string> Document = new(() => Build().ToJsonString());

    public static string Text => Document.Value;

    private static JsonObject Build()
    {
        var schemas = new JsonObject();
        var paths = new JsonObject();
        foreach (var route in RestRoutes.All)
        {
            var pattern = route.Pattern;
            var path = paths[pattern] as JsonObject ?? (JsonObject)(paths[pattern] = new JsonObject());
            path[route.Verb.ToLowerInvariant()] = Operation(route, schemas);
        }

        return new()
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = "ModelGarden", ["version"] = "v1" },
            ["security"] = new JsonArray(new JsonObject { ["token"] = new JsonArray() }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas,
                ["securitySchemes"] = new JsonObject { ["token"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" } },
            },
        };
    }

    private static JsonObject Operation(RestRoute route, JsonObject schemas)
    {
        var input = route.Method.InputType;
        var inPath = PathVariable().Matches(route.Pattern).Select(match => match.Groups[1].Value).ToList();
        var operation = new JsonObject
        {
            ["operationId"] = $"{route.Method.Service.Name}_{route.Method.Name}",
            ["tags"] = new JsonArray(route.Method.Service.Name),
            ["parameters"] = new JsonArray([.. inPath.Select(PathParameter).Concat(QueryFields(route, inPath).Select(field => QueryParameter(field, schemas)))]),
            ["responses"] = new JsonObject
            {
                ["200"] = Content(route.Method.OutputType, route.Method.IsServerStreaming ? "application/x-ndjson" : "application/json", schemas, "the answer"),
                ["default"] = new JsonObject { ["description"] = "an error: {\"error\":{\"reason\",\"message\"}}" },
            },
        };
        if (route.HasBody)
        {
            operation["requestBody"] = Content(input, "application/json", schemas, null);
        }

        return operation;
    }

    private static IEnumerable<FieldDescriptor> QueryFields(RestRoute route, IReadOnlyList<string> inPath) => route.HasBody
        ? []
        : route.Method.InputType.Fields.InDeclarationOrder().Where(field => !inPath.Any(name => name.Split('.')[0] == field.Name));

    private static JsonObject PathParameter(string name) => new JsonObject
    {
        ["name"] = name,
        ["in"] = "path",
        ["required"] = true,
        ["schema"] = new JsonObject { ["type"] = "string" },
    };

    private static JsonObject QueryParameter(FieldDescriptor field, JsonObject schemas) => new JsonObject
    {
        ["name"] = field.JsonName,
        ["in"] = "query",
        ["schema"] = Field(field, schemas),
    };

    private static JsonObject Content(MessageDescriptor type, string mediaType, JsonObject schemas, string? description)
    {
        var content = new JsonObject { ["content"] = new JsonObject { [mediaType] = new JsonObject { ["schema"] = Reference(type, schemas) } } };
        if (description is not null)
        {
            content["description"] = description;
        }

        return content;
    }

    private static JsonObject Reference(MessageDescriptor type, JsonObject schemas)
    {
        if (WellKnown(type) is { } wellKnown)
        {
            return wellKnown;
        }

        if (!schemas.ContainsKey(type.Name))
        {
            var properties = new JsonObject();
            schemas[type.Name] = new JsonObject { ["type"] = "object", ["properties"] = properties };
            foreach (var field in type.Fields.InDeclarationOrder())
            {
                properties[field.JsonName] = Field(field, schemas);
            }
        }

        return new() { ["$ref"] = $"#/components/schemas/{type.Name}" };
    }

    private static JsonObject? WellKnown(MessageDescriptor type) => type.FullName switch
    {
        "google.protobuf.Timestamp" => new() { ["type"] = "string", ["format"] = "date-time" },
        "google.protobuf.Duration" => new() { ["type"] = "string", ["pattern"] = "^-?[0-9]+(\\.[0-9]+)?s$" },
        _ => null,
    };

    private static JsonObject Field(FieldDescriptor field, JsonObject schemas)
    {
        if (field.IsMap)
        {
            return new() { ["type"] = "object", ["additionalProperties"] = Single(field.MessageType.FindFieldByNumber(2), schemas) };
        }

        var single = Single(field, schemas);
        return field.IsRepeated ? new() { ["type"] = "array", ["items"] = single } : single;
    }

    private static JsonObject Single(FieldDescriptor field, JsonObject schemas) => field.FieldType switch
    {
        FieldType.Message => Reference(field.MessageType, schemas),
        FieldType.Enum => new() { ["type"] = "string", ["enum"] = new JsonArray([.. field.EnumType.Values.Select(value => (JsonNode)value.Name)]) },
        FieldType.Bool => new() { ["type"] = "boolean" },
        FieldType.String => new() { ["type"] = "string" },
        FieldType.Bytes => new() { ["type"] = "string", ["contentEncoding"] = "base64" },
        FieldType.Double or FieldType.Float => new() { ["type"] = "number" },
        // 64-bit integers are strings in protobuf's JSON.
        FieldType.Int64 or FieldType.UInt64 or FieldType.SInt64 or FieldType.Fixed64 or FieldType.SFixed64 => new() { ["type"] = "string", ["format"] = "int64" },
        _ => new() { ["type"] = "integer" },
    };

    [GeneratedRegex(@"\{([^}]+)\}")]
    private static partial Regex PathVariable();
}
