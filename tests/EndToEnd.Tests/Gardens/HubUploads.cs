using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ModelGarden.Testing;

namespace ModelGarden.EndToEnd.Tests.Gardens;

/// <summary>Files and commits in the Hub's protocol, sent by hand: for what no client would send.</summary>
internal static class HubUploads
{
    private static CancellationToken Cancel => Patience.Cancel;

    extension(RunningGarden garden)
    {
        /// <summary>What is to be done to upload a file; null: it is stored.</summary>
        public async Task<JsonNode?> ActionsAsync(string token, string name, byte[] content)
        {
            var objects = new[] { new { oid = Sha256(content), size = content.Length } };
            var answer = await garden.CallAsync(token, "POST", $"/{name}.git/info/lfs/objects/batch", new { operation = "upload", transfers = new[] { "basic" }, objects });
            return answer["objects"]![0]!["actions"];
        }

        /// <summary>Where a file is to be sent that is not stored yet.</summary>
        public async Task<Uri> PrepareAsync(string token, string name, byte[] content) =>
            new((string)(await garden.ActionsAsync(token, name, content) ?? throw new InvalidOperationException("it is stored already"))["upload"]!["href"]!);

        public async Task UploadAsync(string token, string name, byte[] content)
        {
            using var client = new HttpClient();
            using var response = await client.PutAsync(await garden.PrepareAsync(token, name, content), new ByteArrayContent(content), Cancel);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        public async Task<HttpResponseMessage> CommitAsync(string token, string name, params IEnumerable<JsonObject> operations)
        {
            using var client = garden.As(token);
            using var content = Commit(operations);
            return await client.PostAsync(new Uri($"/api/models/{name}/commit/main", UriKind.Relative), content, Cancel);
        }
    }

    public static StringContent Commit(params IEnumerable<JsonObject> operations) => Summed("more", operations);

    /// <summary>A commit with this summary.</summary>
    public static StringContent Summed(string summary, params IEnumerable<JsonObject> operations)
    {
        var lines = operations.Prepend(new JsonObject { ["key"] = "header", ["value"] = new JsonObject { ["summary"] = summary } });
        return new(string.Join('\n', lines.Select(line => line.ToJsonString())), new MediaTypeHeaderValue("application/x-ndjson"));
    }

    public static JsonObject SmallFile(string path, byte[] content) =>
        new() { ["key"] = "file", ["value"] = new JsonObject { ["path"] = path, ["content"] = Convert.ToBase64String(content), ["encoding"] = "base64" } };

    public static JsonObject LargeFile(string path, byte[] content) =>
        new() { ["key"] = "lfsFile", ["value"] = new JsonObject { ["path"] = path, ["algo"] = "sha256", ["oid"] = Sha256(content), ["size"] = content.Length } };

    private static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
