using System.Text;
using System.Text.Json.Nodes;
using Google.Api;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace ModelGarden.Cli.Garden;

/// <summary>An RPC's request as HTTP, after the annotation of its proto: the path's variables, then the body or the query.</summary>
internal sealed record RestBinding(HttpMethod Verb, string Path, string? Body)
{
    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default);

    public static RestBinding Of(MethodDescriptor method, IMessage request)
    {
        var rule = method.GetOptions()?.GetExtension(HttpExtensions.Http) ?? throw new InvalidOperationException($"{method.FullName} has no HTTP annotation");
        var (verb, template) = Pattern(rule);
        var fields = JsonNode.Parse(Json.Format(request))!.AsObject();
        var path = Fill(template, fields, method.InputType);
        return rule.Body.Length > 0
            ? new(verb, path, fields.ToJsonString())
            : new(verb, path + Query(fields), null);
    }

    private static (HttpMethod Verb, string Template) Pattern(HttpRule rule) => rule.PatternCase switch
    {
        HttpRule.PatternOneofCase.Get => (HttpMethod.Get, rule.Get),
        HttpRule.PatternOneofCase.Put => (HttpMethod.Put, rule.Put),
        HttpRule.PatternOneofCase.Post => (HttpMethod.Post, rule.Post),
        HttpRule.PatternOneofCase.Delete => (HttpMethod.Delete, rule.Delete),
        HttpRule.PatternOneofCase.Patch => (HttpMethod.Patch, rule.Patch),
        _ => throw new InvalidOperationException($"the HTTP pattern {rule.PatternCase} is not known"),
    };

    /// <summary>Puts the fields that the path names into it, and takes them out of the rest.</summary>
    private static string Fill(string template, JsonObject fields, MessageDescriptor type)
    {
        var path = new StringBuilder();
        var rest = template.AsSpan(1);
        for (var open = rest.IndexOf('{'); open >= 0; open = rest.IndexOf('{'))
        {
            var close = rest.IndexOf('}');
            var variable = rest[(open + 1)..close].ToString().Split('=', 2);
            var field = type.FindFieldByName(variable[0]);
            var segments = variable is [_, var pattern] ? pattern.Split('/').Length : 1;
            path.Append(rest[..open]).Append(Segments(field, (string?)fields[field.JsonName] ?? "", segments));
            fields.Remove(field.JsonName);
            rest = rest[(close + 1)..];
        }

        return path.Append(rest).ToString();
    }

    private static string Segments(FieldDescriptor field, string value, int count)
    {
        var segments = count is 1 ? [value] : value.Split('/');
        return segments.Length == count && segments.All(segment => segment is not ("" or "." or ".."))
            ? string.Join('/', segments.Select(Uri.EscapeDataString))
            : throw new ErrorException(Error.Invalid("BAD_NAME", $"'{Text.Shorten(value)}' cannot be a {field.Name}"));
    }

    private static string Query(JsonObject fields)
    {
        var pairs = fields.SelectMany(field => field.Value is JsonArray many
            ? many.Select(value => Pair(field.Key, value))
            : [Pair(field.Key, field.Value)]);
        var query = string.Join('&', pairs);
        return query.Length > 0 ? $"?{query}" : "";
    }

    private static string Pair(string name, JsonNode? value) => value is JsonValue
        ? $"{name}={Uri.EscapeDataString(value.ToString())}"
        : throw new InvalidOperationException($"field {name} has no place in a query");
}
