using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace ModelGarden.Cli.Garden;

/// <summary>What the garden says of a file before it is sent.</summary>
/// <param name="Large">Its bytes go by LFS.</param>
/// <param name="Ignored">The repository does not want it.</param>
/// <param name="Oid">Of the file that is there now: SHA-256 for a large one, else git's; null: none.</param>
internal sealed record FilePlan(bool Large, bool Ignored, string? Oid);

/// <summary>The Hugging Face Hub's protocol: what is to be sent, commits, what differs between them, and bytes from there.</summary>
internal sealed class HubClient(Transport transport)
{
    public const int BatchSize = 256;

    /// <summary>Asks how each of at most <see cref="BatchSize"/> files goes.</summary>
    public async Task<IReadOnlyDictionary<string, FilePlan>> PlanAsync(
        ModelReference model, string branch, IReadOnlyList<(string Path, long Size, byte[] Sample)> files, string? ignore, string? attributes, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["files"] = new JsonArray([.. files.Select(file => new JsonObject { ["path"] = file.Path, ["size"] = file.Size, ["sample"] = Convert.ToBase64String(file.Sample) })]),
        };
        if (ignore is not null)
        {
            body["gitIgnore"] = ignore;
        }

        if (attributes is not null)
        {
            body["gitAttributes"] = attributes;
        }

        var answer = await PostAsync($"{model.Api}/preupload/{Uri.EscapeDataString(branch)}", body, "application/json", cancellationToken);
        var plans = answer["files"]!.AsArray().ToDictionary(file => Text(file!["path"]), file => new FilePlan(Text(file!["uploadMode"]) is "lfs", (bool?)file["shouldIgnore"] ?? false, (string?)file["oid"]));
        return files.FirstOrDefault(file => !plans.ContainsKey(file.Path)) is { Path: { } missing } ? throw JsonCalls.Bad($"it says nothing of '{missing}'") : plans;
    }

    /// <summary>Makes a commit of lines of JSON, header first; answers its id.</summary>
    public async Task<string> CommitAsync(ModelReference model, string branch, byte[] lines, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(
            () => new(HttpMethod.Post, Relative($"{model.Api}/commit/{Uri.EscapeDataString(branch)}")) { Content = JsonCalls.Body(lines, "application/x-ndjson") },
            new(false, TimeSpan.FromMinutes(10)),
            cancellationToken);
        return Text(answer["commitOid"]);
    }

    /// <summary>What differs between two revisions, as git prints it, and the commit of the later one; without a base it is compared with its parent.</summary>
    public async Task<(string Text, string Commit)> DiffAsync(ModelReference model, string? from, CancellationToken cancellationToken)
    {
        var revision = Uri.EscapeDataString(model.Revision.Length > 0 ? model.Revision : "HEAD");
        var compared = from is null ? revision : $"{Uri.EscapeDataString(from)}..{revision}";
        var (text, headers) = await transport.SendTextAsync(() => new(HttpMethod.Get, Relative($"{model.Api}/compare/{compared}")), Sending.Again, cancellationToken);
        return (text, headers.TryGetValues("X-Repo-Commit", out var commits) ? commits.First() : "");
    }

    /// <summary>A file's bytes from an offset on; redirects are followed without the token.</summary>
    public async Task<HttpResponseMessage> OpenAsync(ModelReference model, string path, long from, CancellationToken cancellationToken)
    {
        var place = Relative($"{model.Page}/resolve/{Uri.EscapeDataString(model.Revision)}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}");
        var signed = false;
        for (var hop = 0; ; hop++)
        {
            var response = await transport.SendAsync(() => Ranged(place, from, signed), Sending.Again, cancellationToken);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location || hop == 5)
            {
                return response.IsSuccessStatusCode ? response : await Task.FromResult(response).OrThrowAsync(cancellationToken);
            }

            response.Dispose();
            place = Next(location);
            signed = true;
        }
    }

    private static Uri Relative(string path) => new(path, UriKind.Relative);

    private Uri Next(Uri location)
    {
        var next = new Uri(transport.Address.Base, location);
        return next.Scheme == Uri.UriSchemeHttps || (next.Scheme == Uri.UriSchemeHttp && transport.Address.Base.Scheme == Uri.UriSchemeHttp)
            ? next
            : throw JsonCalls.Bad($"it sends to {next.GetLeftPart(UriPartial.Authority)}, which is less safe than the garden itself");
    }

    private static HttpRequestMessage Ranged(Uri place, long from, bool signed)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, place);
        request.Headers.AcceptEncoding.Add(new("identity"));
        request.Headers.Range = from > 0 ? new RangeHeaderValue(from, null) : null;
        request.Options.Set(Transport.SignedUrl, signed);
        return request;
    }

    private Task<JsonObject> PostAsync(string path, JsonObject body, string type, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(body.ToJsonString());
        return SendAsync(() => new(HttpMethod.Post, Relative(path)) { Content = JsonCalls.Body(bytes, type) }, Sending.Again, cancellationToken);
    }

    private async Task<JsonObject> SendAsync(Func<HttpRequestMessage> make, Sending sending, CancellationToken cancellationToken) =>
        (await transport.SendJsonAsync(make, sending, cancellationToken)).Answer as JsonObject ?? throw JsonCalls.Bad("it is no object");

    private static string Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw JsonCalls.Bad("a text is missing");
}
