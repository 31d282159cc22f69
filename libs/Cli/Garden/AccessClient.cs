using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace ModelGarden.Cli.Garden;

/// <summary>Access to gated models by the Hugging Face Hub's protocol: asking for it, and handling who asks. Sending what was sent already is refused, not done twice.</summary>
internal sealed class AccessClient(Transport transport)
{
    /// <summary>What is asked of who wants access, and how he stands to it.</summary>
    public async Task<JsonObject> FormAsync(RepositoryName model, CancellationToken cancellationToken) =>
        AsObject((await SendAsync(HttpMethod.Get, AskPath(model), null, cancellationToken)).Answer);

    public async Task<JsonObject> AskAsync(RepositoryName model, JsonObject fields, CancellationToken cancellationToken) =>
        AsObject((await SendAsync(HttpMethod.Post, AskPath(model), fields, cancellationToken)).Answer);

    /// <summary>A model's requests of one status, all pages.</summary>
    public async Task<JsonArray> ListAsync(RepositoryName model, string status, CancellationToken cancellationToken)
    {
        const int page = 1000;
        var all = new JsonArray();
        for (var next = $"{Requests(model)}/{status}?limit={page}"; next is not null;)
        {
            var (answer, following) = await SendAsync(HttpMethod.Get, next, null, cancellationToken);
            foreach (var request in (answer as JsonArray ?? throw JsonCalls.Bad("it is no list")).ToList())
            {
                request!.Parent!.AsArray().Remove(request);
                all.Add(request);
            }

            next = following;
        }

        return all;
    }

    public async Task<JsonObject> HandleAsync(RepositoryName model, JsonObject body, CancellationToken cancellationToken) =>
        AsObject((await SendAsync(HttpMethod.Post, $"{Requests(model)}/handle", body, cancellationToken)).Answer);

    public async Task<JsonObject> GrantAsync(RepositoryName model, JsonObject body, CancellationToken cancellationToken) =>
        AsObject((await SendAsync(HttpMethod.Post, $"{Requests(model)}/grant", body, cancellationToken)).Answer);

    private static string AskPath(RepositoryName model) => $"{model}/ask-access";

    private static string Requests(RepositoryName model) => $"api/models/{model}/user-access-request";

    private async Task<(JsonNode Answer, string? Next)> SendAsync(HttpMethod verb, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        var bytes = body is null ? null : Encoding.UTF8.GetBytes(body.ToJsonString());
        var sending = verb == HttpMethod.Get ? Sending.Again : Sending.Once;
        var (answer, headers) = await transport.SendJsonAsync(() => new(verb, new Uri(path, UriKind.Relative)) { Content = bytes is null ? null : JsonCalls.Body(bytes) }, sending, cancellationToken);
        return (answer ?? throw JsonCalls.Bad("it is empty"), NextOf(headers));
    }

    /// <summary>The path of the next page, of this garden whatever host the link names; null: there is none.</summary>
    private static string? NextOf(HttpResponseHeaders headers)
    {
        if (!headers.TryGetValues("Link", out var links) || links.FirstOrDefault() is not ['<', ..] link || link.IndexOf('>', StringComparison.Ordinal) is not (> 0 and var end))
        {
            return null;
        }

        return Uri.TryCreate(link[1..end], UriKind.Absolute, out var next) ? next.PathAndQuery.TrimStart('/') : throw JsonCalls.Bad("the address of its next page is none");
    }

    private static JsonObject AsObject(JsonNode node) => node as JsonObject ?? throw JsonCalls.Bad("it is no object");
}
