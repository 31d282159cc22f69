using Microsoft.AspNetCore.Http.Features;

namespace ModelGarden.Hub.Wire;

/// <summary>Addresses of next pages: absolute, and whole, for clients take them as they are.</summary>
internal static class Paging
{
    public const string Cursor = "cursor";

    public static string NextUrl(string address, HttpContext http, string cursor)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target[..(target.IndexOf('?', StringComparison.Ordinal) is var end and >= 0 ? end : target.Length)];
        var query = http.Request.Query
            .Where(pair => pair.Key is not Cursor)
            .SelectMany(pair => pair.Value, (pair, value) => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(value ?? "")}")
            .Append($"{Cursor}={Uri.EscapeDataString(cursor)}");
        return $"{address}{(path is ['/', ..] ? path : http.Request.Path.ToUriComponent())}?{string.Join('&', query)}";
    }
}
