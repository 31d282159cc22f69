using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.OAuth;

/// <summary>The parameters of a request: each at most once, an empty one as if it were not there (OAuth 2.1, section 3.1 and 3.2).</summary>
internal sealed class OAuthParameters
{
    private const int LongestBody = 64 << 10;
    private const int LongestQuery = 6 << 10;
    private static readonly FormOptions Limits = new() { BufferBodyLengthLimit = LongestBody, MultipartBodyLengthLimit = 0, ValueCountLimit = 64, KeyLengthLimit = 64, ValueLengthLimit = 32 << 10 };
    private readonly Dictionary<string, string> _values;

    private OAuthParameters(Dictionary<string, string> values) => _values = values;

    /// <summary>Empty: not there.</summary>
    public string this[string name] => _values.GetValueOrDefault(name, "");

    public static Result<OAuthParameters> Of(IEnumerable<KeyValuePair<string, StringValues>> pairs)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, all) in pairs)
        {
            if (all.Count > 1)
            {
                return OAuthErrors.Request($"the parameter '{Text.Shorten(name, 40)}' is there more than once");
            }

            values[name] = all.ToString();
        }

        return new OAuthParameters(values);
    }

    /// <summary>A form as the query of the page that answers it (OpenID Connect Core, section 3.1.2.1), no longer than servers take one.</summary>
    public static async Task<Result<string>> ReadQueryAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var query = QueryString.Create((await request.ReadFormAsync(Limits, cancellationToken)).AsEnumerable()).ToString();
            return query.Length <= LongestQuery ? query : TooLarge(LongestQuery);
        }
        catch (InvalidDataException)
        {
            return TooLarge(LongestQuery);
        }
    }

    /// <summary>Those of a body: a form, as the specifications have it, or an object of JSON, as Hugging Face's client sends its exchange.</summary>
    public static async Task<Result<OAuthParameters>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return request.HasFormContentType ? Of(await request.ReadFormAsync(Limits, cancellationToken))
                : request.HasJsonContentType() ? await ReadJsonAsync(request, cancellationToken)
                : OAuthErrors.Request("a form is expected: application/x-www-form-urlencoded");
        }
        catch (InvalidDataException)
        {
            return TooLarge(LongestBody);
        }
    }

    private static async Task<Result<OAuthParameters>> ReadJsonAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var body = new byte[LongestBody + 1];
        var length = await request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellationToken);
        if (length > LongestBody)
        {
            return TooLarge(LongestBody);
        }

        try
        {
            var fields = JsonNode.Parse(body.AsSpan(0, length), documentOptions: new() { MaxDepth = 2, AllowDuplicateProperties = false }) as JsonObject;
            return fields?.All(field => field.Value?.GetValueKind() is JsonValueKind.String) is true
                ? new OAuthParameters(fields.ToDictionary(field => field.Key, field => field.Value!.GetValue<string>(), StringComparer.Ordinal))
                : OAuthErrors.Request("an object of JSON is expected whose fields are text");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return OAuthErrors.Request("the body is not JSON, or names a field twice");
        }
    }

    private static Error TooLarge(int longest) => OAuthErrors.Request($"the request has too many or too long parameters, or more than {longest >> 10} KiB");
}
