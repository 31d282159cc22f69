using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ModelGarden.Clients;
using ModelGarden.EndToEnd.Tests.Gardens;
using ModelGarden.Testing;

namespace ModelGarden.EndToEnd.Tests;

/// <summary>
/// The main job, driven by foreign clients: uploaded by a publisher, published by a curator, found, refused, its licence accepted, downloaded,
/// deployed, called, metered, put to sleep, woken, renewed, deleted.
/// </summary>
public abstract class MainJob : IClassFixture<NodeClients>, IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly RunningGarden _garden;
    private string _publisher = "";
    private string _curator = "";
    private string _engineer = "";
    private string _admin = "";

    private protected MainJob(RunningGarden garden) => _garden = garden;

    private static CancellationToken Cancel => Testing.Patience.Cancel;

    public async ValueTask InitializeAsync()
    {
        await _garden.StartAsync();
        await _garden.CallAsync(RunningGarden.AdminToken, "POST", "/garden/v1/tenants", new { name = "books", displayName = "Books Ltd" });
        await _garden.CallAsync(RunningGarden.AdminToken, "POST", "/garden/v1/tenants", new { name = "acme", displayName = "Acme" });
        _publisher = await _garden.PersonAsync("pat", "books", "engineer");
        _curator = await _garden.PersonAsync("cora", "garden", "curator");
        _engineer = await _garden.PersonAsync("ann", "acme", "engineer");
        _admin = await _garden.PersonAsync("ada", "acme", "admin");
    }

    public ValueTask DisposeAsync() => _garden.DisposeAsync();

    [Fact]
    public async Task LanguageModel_FromUploadToDeletion()
    {
        var folder = Repo.PathOf("deploy/samples/kjv-llama");
        await PublishAsync("books/kjv-llama", folder);
        await FindAsync("books/kjv-llama");
        await RefuseAsync("books/kjv-llama", "model.safetensors");
        await AcceptAsync();
        await DownloadAsync("books/kjv-llama", folder);
        await DeployAsync("kjv", "books/kjv-llama", idleSeconds: 3);
        var tokens = await CallAsync("kjv");
        await MeterAsync("kjv", tokens);
        await _garden.EndpointAsync(_engineer, "kjv", "ASLEEP");
        await CallAsync("kjv");
        await RenewAsync("kjv", "books/kjv-llama", folder);
        await DeleteAsync("kjv");
    }

    [Fact]
    public async Task Classifier_FromUploadToInference()
    {
        var folder = Repo.PathOf("deploy/samples/digits");
        await PublishAsync("books/digits", folder);
        await AcceptAsync();
        await DownloadAsync("books/digits", folder);
        await DeployAsync("digits", "books/digits", idleSeconds: 600);

        var metadata = await _garden.CallAsync(_engineer, "GET", "/kserve/digits/v2/models/digits");
        var input = new { name = "x", datatype = "FP32", shape = new[] { 3, 1, 8, 8 }, data = Digits.Images };
        var answer = await _garden.CallAsync(_engineer, "POST", "/kserve/digits/v2/models/digits/infer", new { id = "42", inputs = new[] { input } });
        using var wrong = await _garden.SendAsync(_engineer, "POST", "/kserve/digits/v2/models/digits/infer", new { inputs = new[] { input with { shape = [4, 1, 8, 8] } } });

        Assert.Equal("x", (string?)metadata["inputs"]![0]!["name"]);
        Assert.Equal("42", (string?)answer["id"]);
        Assert.Equal([3, 10], answer["outputs"]![0]!["shape"]!.AsArray().Select(size => (int)size!));
        Assert.Equal([0, 1, 2], Digits.Read(answer["outputs"]![0]!["data"]!.AsArray()));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        await DeleteAsync("digits");
    }

    private async Task PublishAsync(string name, string folder)
    {
        var uploaded = await FlowAsync("upload-folder", _publisher, ("REPO", name), ("FOLDER", folder));
        Assert.StartsWith($"{_garden.Url}/{name}/commit/", (string?)uploaded["commitUrl"], StringComparison.Ordinal);
        await ReviewAsync(name);
    }

    private async Task ReviewAsync(string name)
    {
        await StepAsync(_publisher, name, "SUBMIT");
        await StepAsync(_curator, name, "START_REVIEW");
        await StepAsync(_curator, name, "APPROVE");
        await StepAsync(_curator, name, "PUBLISH");
    }

    private Task<JsonNode> StepAsync(string token, string name, string action) =>
        _garden.CallAsync(token, "POST", $"/garden/v1/repositories/{name}/lifecycle", new { action = $"LIFECYCLE_ACTION_{action}", comment = "as it should be" });

    private async Task FindAsync(string name)
    {
        // Found within a second of its publication: Search follows Catalog's feed.
        await UntilAsync(async () => (await SearchAsync(("QUERY", "king james bible"))).Contains(name));
        Assert.Contains(name, await SearchAsync(("QUERY", "kjv"), ("TASK", "text-generation"), ("TAGS", "license:apache-2.0,transformers")));
        Assert.DoesNotContain(name, await SearchAsync(("QUERY", "kjv"), ("TAGS", "license:mit")));
        Assert.DoesNotContain(name, await SearchAsync(("QUERY", "submarine")));
    }

    private async Task<IReadOnlyList<string>> SearchAsync(params (string, string)[] settings)
    {
        var found = await FlowAsync("search", _engineer, settings);
        return [.. found["models"]!.AsArray().Select(model => (string)model!["name"]!)];
    }

    private async Task RefuseAsync(string name, string file)
    {
        var refused = await FlowAsync("refused-download", _engineer, ("REPO", name), ("FILE", file));

        Assert.Equal((403, "GatedRepo"), ((int)refused["status"]!, (string?)refused["errorCode"]));
        Assert.Contains("apache-2.0", (string?)refused["message"], StringComparison.Ordinal);
    }

    private async Task AcceptAsync()
    {
        var license = await _garden.CallAsync(_admin, "GET", "/garden/v1/licenses/apache-2.0");
        using var byEngineer = await _garden.SendAsync(_engineer, "POST", "/garden/v1/licenses/apache-2.0/acceptances", new { textSha256 = (string?)license["textSha256"] });
        var acceptance = await _garden.CallAsync(_admin, "POST", "/garden/v1/licenses/apache-2.0/acceptances", new { textSha256 = (string?)license["textSha256"], purpose = "tests" });

        Assert.Equal(HttpStatusCode.Forbidden, byEngineer.StatusCode);
        Assert.Equal(("acme", "ada"), ((string?)acceptance["tenant"], (string?)acceptance["account"]));
    }

    private async Task DownloadAsync(string name, string folder)
    {
        var downloaded = await FlowAsync("download-all", _engineer, ("REPO", name));
        var received = downloaded["files"]!.AsArray().Where(file => (string?)file!["path"] != ".gitattributes").ToDictionary(file => (string)file!["path"]!, file => (string)file!["sha256"]!);

        Assert.Equal(Directory.GetFiles(folder).ToDictionary(file => Path.GetFileName(file), Sha256).OrderBy(file => file.Key), received.OrderBy(file => file.Key));
    }

    private async Task DeployAsync(string endpoint, string name, int idleSeconds)
    {
        var wish = new { name = endpoint, repository = name, scaling = new { idleTimeout = $"{idleSeconds}s" } };
        await _garden.CallAsync(_engineer, "POST", "/garden/v1/endpoints", wish);
        await _garden.CallAsync(_engineer, "POST", "/garden/v1/endpoints", wish);
        await _garden.EndpointAsync(_engineer, endpoint, "READY");
    }

    /// <summary>Calls it in every way, and gives the tokens that the answers stated.</summary>
    private async Task<(long Input, long Output)> CallAsync(string endpoint)
    {
        var whole = await FlowAsync("openai-chat", _engineer, ("MODEL", endpoint));
        var stream = await FlowAsync("openai-stream", _engineer, ("MODEL", endpoint));
        var embeddings = await FlowAsync("openai-embeddings", _engineer, ("MODEL", endpoint));

        Assert.Contains(endpoint, whole["models"]!.AsArray().Select(model => (string?)model));
        Assert.NotEmpty((string)stream["text"]!);
        Assert.Equal("length", (string?)stream["finish"]);
        Assert.True((bool)embeddings["finite"]! && (double)embeddings["largestDifference"]! < 1e-6);
        return Sum(whole["chat"]!["usage"], whole["completion"]!["usage"], stream["usage"], embeddings["usage"], embeddings["usage"]);
    }

    private static (long Input, long Output) Sum(params JsonNode?[] usages) =>
        (usages.Sum(usage => (long)usage!["prompt_tokens"]!), usages.Sum(usage => (long?)usage!["completion_tokens"] ?? 0));

    private async Task MeterAsync(string endpoint, (long Input, long Output) tokens)
    {
        JsonNode? row = null;
        await UntilAsync(async () =>
        {
            var usage = await _garden.CallAsync(_admin, "GET", "/garden/v1/usage");
            row = usage["rows"]!.AsArray().SingleOrDefault(row => (string?)row!["endpoint"] == endpoint);
            return row is not null && long.Parse((string)row["requests"]!, System.Globalization.CultureInfo.InvariantCulture) >= 5;
        });

        Assert.Equal($"5 {tokens.Input} {tokens.Output} ann", $"{row!["requests"]} {row["inputTokens"]} {row["outputTokens"]} {row["account"]}");
        var others = await _garden.CallAsync(_curator, "GET", "/garden/v1/usage");
        Assert.Empty(others["rows"]!.AsArray());
    }

    /// <summary>A second revision takes over behind the same endpoint while calls go on, and none of them fails.</summary>
    private async Task RenewAsync(string endpoint, string name, string folder)
    {
        await PublishAsync(name, Changed(folder));
        var head = (string)(await _garden.CallAsync(_engineer, "GET", $"/garden/v1/repositories/{name}"))["head"]!;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var calls = CallWithoutPauseAsync(endpoint, stop.Token);

        await _garden.CallAsync(_engineer, "PATCH", $"/garden/v1/endpoints/{endpoint}", new { revision = head });
        await UntilAsync(async () => await ServesAsync(endpoint, head) || calls.IsCompleted);
        await stop.CancelAsync();

        Assert.True(await calls > 0);
    }

    private string Changed(string folder)
    {
        var copy = Directory.CreateDirectory(Path.Combine(_garden.Data, "changed")).FullName;
        foreach (var file in Directory.GetFiles(folder))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        File.AppendAllText(Path.Combine(copy, "README.md"), "\nSecond edition.\n");
        return copy;
    }

    private async Task<bool> ServesAsync(string endpoint, string revision)
    {
        var replicas = (await _garden.CallAsync(_engineer, "GET", $"/garden/v1/endpoints/{endpoint}"))["replicas"]!.AsArray();
        return replicas.Count > 0 && replicas.All(replica => (string?)replica!["revision"] == revision && (string?)replica["state"] == "REPLICA_STATE_READY");
    }

    private async Task<int> CallWithoutPauseAsync(string endpoint, CancellationToken stop)
    {
        using var client = _garden.As(_engineer);
        var answered = 0;
        while (!stop.IsCancellationRequested)
        {
            using var response = await client.PostAsJsonAsync("/v1/completions", new { model = endpoint, prompt = "In the", max_tokens = 8 }, Cancel);
            Assert.True(response.IsSuccessStatusCode, $"call {answered + 1}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Cancel)}");
            answered++;
        }

        return answered;
    }

    private async Task DeleteAsync(string endpoint)
    {
        await _garden.CallAsync(_engineer, "DELETE", $"/garden/v1/endpoints/{endpoint}");
        await UntilAsync(async () =>
        {
            using var response = await _garden.SendAsync(_engineer, "GET", $"/garden/v1/endpoints/{endpoint}");
            return response.StatusCode is HttpStatusCode.NotFound;
        });

        // Serving hears of it a moment later.
        await UntilAsync(async () =>
        {
            using var call = await _garden.SendAsync(_engineer, "POST", "/v1/completions", new { model = endpoint, prompt = "x" });
            return call.StatusCode is HttpStatusCode.NotFound;
        });
    }

    private Task<JsonNode> FlowAsync(string flow, string token, params (string Name, string Value)[] settings)
    {
        var environment = settings.ToDictionary(setting => setting.Name, setting => setting.Value);
        environment["HUB_URL"] = environment["GARDEN_URL"] = _garden.Url;
        environment["HUB_TOKEN"] = environment["GARDEN_TOKEN"] = token;
        return OkAsync(flow, environment);
    }

    private static async Task<JsonNode> OkAsync(string flow, Dictionary<string, string> environment)
    {
        var result = await NodeClients.RunAsync(flow, environment);
        Assert.True((bool)result["ok"]!, $"{flow}: {result.ToJsonString()}");
        return result;
    }

    private static string Sha256(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    /// <summary>Asks again until it is so; what is waited for is told by feeds within moments.</summary>
    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        var deadline = DateTimeOffset.UtcNow + Patience;
        while (!await isSo())
        {
            Assert.True(DateTimeOffset.UtcNow < deadline, "it did not come to be");
        }
    }
}

/// <summary>The main job in a garden of one process.</summary>
public sealed class MainJobInOneProcess() : MainJob(new OneProcess());

/// <summary>The main job in a garden of a process a service.</summary>
public sealed class MainJobInSeparateProcesses() : MainJob(new SeparateProcesses());
