using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ModelGarden.EndToEnd.Tests.Gardens;
using ModelGarden.Testing;
using static ModelGarden.EndToEnd.Tests.Gardens.HubUploads;

namespace ModelGarden.EndToEnd.Tests;

/// <summary>
/// Broken requests through the front door to a whole garden, database and all: none of them is an unexpected error, takes long or leaves anything that git would not have.
/// A few hundred of each kind with fixed seeds; <c>GARDEN_FUZZ_SECONDS=600</c> sends each kind that long, with new ones.
/// </summary>
public abstract class FuzzedGardenTests(FuzzedGardenTests.Running running)
{
    private const string Name = "garden/fuzzed";
    private const int Rounds = 250;
    private const long MostMemory = 1L << 30;
    private static readonly string Digest = new('a', 64);

    private static readonly string[] Cards =
    [
        "---\nlicense: apache-2.0\nlanguage: [en, de]\ntags:\n- small\npipeline_tag: text-generation\nbase_model: acme/base\nbase_model_relation: finetune\n---\n# Small\n\nWords.\n",
        "---\nmodel-index:\n- name: small\n  results:\n  - task: {type: text-generation}\n    dataset: {name: a, type: b}\n    metrics:\n    - {type: accuracy, value: 0.5, verified: false}\n---\n",
        "---\nlicense: other\nlicense_name: mine\nlicense_link: https://example.org/x\nextra_gated_fields:\n  Name: text\n  Age: {type: select, options: [a, b]}\nnew_version: acme/newer\nwidget:\n- text: hi\n---\n",
    ];

    private static readonly string[] Commits =
    [
        """
        {"key":"header","value":{"summary":"s","description":"d","parentCommit":"0000000000000000000000000000000000000000"}}
        {"key":"file","value":{"path":"a/b.json","content":"e30=","encoding":"base64"}}
        {"key":"deletedFile","value":{"path":"a/c.txt"}}
        """,
        """
        {"key":"header","value":{"summary":"s"}}
        {"key":"lfsFile","value":{"path":"w.bin","algo":"sha256","oid":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","size":12}}
        {"key":"deletedFolder","value":{"path":"a/"}}
        """,
        """
        {"key":"header","value":{"summary":"s","description":"d"}}
        {"key":"file","value":{"path":"a/b.json","content":"e30=","encoding":"base64"}}
        {"key":"file","value":{"path":"d/e.txt","content":"eA==","encoding":"base64"}}
        {"key":"deletedFolder","value":{"path":"d/"}}
        """,
    ];

    private static readonly string[] Batches =
    [
        $$$"""{"operation":"upload","transfers":["basic","multipart"],"objects":[{"oid":"{{{Digest}}}","size":12},{"oid":"{{{new string('b', 64)}}}","size":99999999}],"hash_algo":"sha256","ref":{"name":"refs/heads/main"}}""",
        $$$"""{"operation":"download","transfers":["basic"],"objects":[{"oid":"{{{Digest}}}","size":12}],"ref":{"name":"refs/pr/1"}}""",
    ];

    private static readonly string[] Places =
    [
        "/garden/fuzzed/resolve/main/README.md", "/api/models/garden/fuzzed/tree/main/a?recursive=true&expand=true&cursor=abc", "/api/models/garden/fuzzed/revision/refs%2Fheads%2Fmain?blobs=true",
        "/api/models/garden/fuzzed/compare/main...main?raw=true", "/api/models/garden/fuzzed/commits/main?p=1&limit=2", "/garden/fuzzed/raw/main/a/b.json", "/api/models?search=small&filter=license:apache-2.0&sort=likes&limit=3",
        "/garden/fuzzed.git/info/refs?service=git-upload-pack", "/api/collections?owner=garden&item=models/garden/fuzzed", "/garden/v1/repositories/garden/fuzzed/tree?revision=main&path=a",
        "/api/models/garden/fuzzed/compare/main~1..main", "/api/models/garden/fuzzed/lfs-files?limit=3&cursor=abc", "/api/models/garden/fuzzed/discussions?p=1&type=all&status=open", "/api/models/garden/fuzzed/discussions/1?diff=1",
        "/garden/v1/repositories/garden/fuzzed/tensors?path=w.safetensors&pageSize=3&revision=main", "/garden/v1/repositories/garden/fuzzed/compare?base=main&revision=main&pageSize=3", "/garden/v1/repositories/garden/fuzzed/checks",
        "/garden/v1/repositories/garden/fuzzed/large-files?pageSize=3&pageToken=abc", "/garden/v1/repositories/garden/fuzzed/family?relation=finetune", "/garden/v1/repositories/garden/fuzzed/lifecycle/verification",
        "/garden/v1/reports?states=REPORT_STATE_OPEN&pageSize=3&pageToken=abc", "/garden/v1/reports/0198f2c0-0000-7000-8000-000000000000", "/garden/v1/reported-repositories", "/garden/v1/collections?owner=garden&featured=true",
        "/garden/v1/repositories/garden/fuzzed/card?revision=main", "/garden/v1/repositories/garden/fuzzed/origin?states=ORIGIN_FILE_STATE_SAME&number=1&pageSize=3&pageToken=abc", "/garden/v1/repositories/garden/fuzzed/origins?pageToken=abc",
        "/api/users/root/overview", "/api/organizations/garden/members?limit=3", "/api/models?num_parameters=min:1,max:8B&sort=num_parameters&apps=ollama&inference=warm", "/api/models/garden/fuzzed?expand=securityRepoStatus&expand=config",
    ];

    private static readonly (HttpMethod Method, string Place, string Body)[] Calls =
    [
        (HttpMethod.Post, $"/api/models/{Name}/discussions", """{"title":"Why?","description":"Because *it* <b>is</b>","pullRequest":false}"""),
        (HttpMethod.Post, $"/api/models/{Name}/discussions/1/comment", """{"comment":"a [link](javascript:x) and `code`"}"""),
        (HttpMethod.Post, $"/api/models/{Name}/discussions/1/title", """{"title":"Why not?"}"""),
        (HttpMethod.Put, $"/api/models/{Name}/settings", """{"private":false,"gated":"manual"}"""),
        (HttpMethod.Post, $"/garden/v1/repositories/{Name}/reports", """{"category":"REPORT_CATEGORY_MALICIOUS","text":"It mines","path":"a","discussion":1,"comment":1}"""),
        (HttpMethod.Put, $"/garden/v1/repositories/{Name}/rating", """{"rating":"CONTENT_RATING_SENSITIVE","reason":"Shows it"}"""),
        (HttpMethod.Post, $"/garden/v1/repositories/{Name}/lifecycle", """{"action":"LIFECYCLE_ACTION_DEPRECATE","successor":"garden/other","comment":"Old","retiresAt":"2027-01-01T00:00:00Z"}"""),
        (HttpMethod.Post, "/garden/v1/collections", """{"title":"Small ones","owner":"garden","description":"d","theme":"COLLECTION_THEME_BLUE"}"""),
        (HttpMethod.Post, "/api/settings/webhooks", """{"watched":[{"type":"org","name":"garden"}],"url":"https://192.0.2.1/x","domains":["repo"],"secret":"s"}"""),
        (HttpMethod.Post, $"/garden/v1/repositories/{Name}/origin", """{"revision":"main","source":{"kind":"SOURCE_KIND_MIRRORED","origin":"https://hub.example/a/b","originRevision":"main"},"files":[{"path":"a/c.txt","size":"1","oid":"c1b0730e0133447badcfd47fd144e254807b06e1"}],"number":"0","more":true}"""),
        (HttpMethod.Post, $"/{Name}/ask-access", """{"Name":"x","Age":"a"}"""),
    ];

    private readonly SortedDictionary<string, int> _answers = new(StringComparer.Ordinal);

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public Task Cards_Broken_AreTakenOrRefused() => RunAsync("cards", async (client, seed) =>
    {
        var card = new Mutator(seed).Mutate(Encoding.UTF8.GetBytes(Pick(Cards, seed)));
        await SendAsync(client, HttpMethod.Post, "/api/validate-yaml", new StringContent(new JsonObject { ["content"] = Encoding.UTF8.GetString(card), ["repoType"] = "model" }.ToJsonString(), new MediaTypeHeaderValue("application/json")), seed);
        await SendAsync(client, HttpMethod.Post, $"/api/models/{Name}/commit/main", Commit(SmallFile("README.md", card)), seed);
    });

    [Fact]
    public Task Commits_Broken_AreTakenOrRefused() => RunAsync("commits", (client, seed) =>
        SendAsync(client, HttpMethod.Post, $"/api/models/{Name}/commit/main", Broken(Pick(Commits, seed), "application/x-ndjson", seed), seed));

    [Fact]
    public Task Batches_Broken_AreTakenOrRefused() => RunAsync("batches", (client, seed) =>
        SendAsync(client, HttpMethod.Post, $"/{Name}.git/info/lfs/objects/batch", Broken(Pick(Batches, seed), "application/vnd.git-lfs+json", seed), seed));

    [Fact]
    public Task Places_Broken_AreFoundOrNot() => RunAsync("places", async (client, seed) =>
    {
        var place = PathOf(new Mutator(seed).Mutate(Encoding.UTF8.GetBytes(Pick(Places, seed))), seed);
        await SendAsync(client, (seed & 3) is 0 ? HttpMethod.Head : HttpMethod.Get, place, null, seed);
    });

    [Fact]
    public Task Refs_Broken_AreMadeOrRefused() => RunAsync("refs", async (client, seed) =>
    {
        var name = PathOf(new Mutator(seed).Mutate("feature/one"u8.ToArray()), 1);
        var kind = (seed & 1) is 0 ? "branch" : "tag";
        await SendAsync(client, HttpMethod.Post, $"/api/models/{Name}/{kind}/{name}", Broken("""{"startingPoint":"main","message":"m","tag":"v1"}""", "application/json", seed), seed);
        await SendAsync(client, HttpMethod.Delete, $"/api/models/{Name}/{kind}/{name}", null, seed);
    });

    [Fact]
    public Task Calls_Broken_AreTakenOrRefused() => RunAsync("calls", (client, seed) =>
    {
        var (method, place, body) = Calls[(seed & int.MaxValue) % Calls.Length];
        return SendAsync(client, method, place, Broken(body, "application/json", seed), seed);
    });

    private static string Pick(string[] all, int seed) => all[(seed & int.MaxValue) % all.Length];

    /// <summary>Every third time bytes that are hardly JSON any more, else JSON with odd values in one of its lines.</summary>
    private static ByteArrayContent Broken(string text, string type, int seed) =>
        new(seed % 3 is 0 ? new Mutator(seed).Mutate(Encoding.UTF8.GetBytes(text)) : Encoding.UTF8.GetBytes(Odd(text.Split('\n'), seed))) { Headers = { ContentType = new(type) } };

    private static string Odd(string[] lines, int seed)
    {
        var at = (int)((uint)seed / 3 % lines.Length);
        return string.Join('\n', lines.Select((line, n) => n == at ? new JsonMutator(seed).Mutate(line) : line));
    }

    /// <summary>Bytes as HTTP's request line can have them: some parsers behind it decode them, others do not.</summary>
    private static string PathOf(byte[] bytes, int seed) => string.Concat(bytes.Take(4000).Select(value =>
        value is > 0x20 and < 0x7F && !"\"<>\\^`{|}#".Contains((char)value, StringComparison.Ordinal) && !(value is (byte)'/' && (seed & 1) is 1 && (seed & 6) is 6) ? $"{(char)value}" : $"%{value:X2}"));

    private async Task SendAsync(HttpClient client, HttpMethod method, string place, HttpContent? content, int seed)
    {
        using var request = new HttpRequestMessage(method, new Uri(running.Garden.Url + (place.StartsWith('/') ? place : $"/{place}"), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })) { Content = content };
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel).InTimeAsync();
        Count($"{(Calls.Any(call => call.Place == place) ? $"{method} {place} " : "")}{(int)answer.StatusCode}");
        // 502 and 504 would be the Gateway's words for a service that broke off or hung. 501 says of git-lfs' locks that there are none.
        Assert.True((int)answer.StatusCode is < 500 or 501, $"{method} {place} with seed {seed}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancel)}\n{string.Join('\n', running.Garden.Host.Output.Split('\n').TakeLast(40))}");
    }

    private void Count(string answer) => _answers[answer] = _answers.GetValueOrDefault(answer) + 1;

    private async Task RunAsync(string kind, Func<HttpClient, int, Task> round)
    {
        using var client = running.Garden.As(RunningGarden.AdminToken);
        var seconds = int.Parse(Environment.GetEnvironmentVariable("GARDEN_FUZZ_SECONDS") ?? "0", CultureInfo.InvariantCulture);
        var (first, began) = (seconds > 0 ? Environment.TickCount : 20261122, Stopwatch.GetTimestamp());
        var rounds = 0;
        for (; seconds > 0 ? Stopwatch.GetElapsedTime(began).TotalSeconds < seconds : rounds < Rounds; rounds++)
        {
            await round(client, first + rounds);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{kind}: {rounds} rounds from seed {first}: {string.Join(", ", _answers.Select(pair => $"{pair.Value} {pair.Key}"))}");
        await AssertIsWholeAsync();
    }

    /// <summary>It works as before, git finds nothing wrong in what was taken, and it has not grown.</summary>
    private async Task AssertIsWholeAsync()
    {
        using (var committed = await running.Garden.CommitAsync(RunningGarden.AdminToken, Name, SmallFile($"after-{Guid.NewGuid():n}", "x"u8.ToArray())))
        {
            Assert.True(committed.IsSuccessStatusCode, await committed.Content.ReadAsStringAsync(Cancel));
        }

        await Git.CloneAsync(running.Garden, Name);
        using var process = Process.GetProcessById(running.Garden.Host.Id);
        Assert.InRange(process.WorkingSet64, 1, MostMemory);
    }

    /// <summary>One garden a database, for all kinds.</summary>
    public abstract class Running(bool onPostgres) : IAsyncLifetime
    {
        private TestDatabase? _database;
        private OneProcess? _garden;

        internal OneProcess Garden
        {
            get
            {
                if (_garden is null)
                {
                    TestDatabase.SkipUnlessThere();
                }

                return _garden!;
            }
        }

        public async ValueTask InitializeAsync()
        {
            if (onPostgres && !TestDatabase.IsThere)
            {
                return;
            }

            _database = onPostgres ? await TestDatabase.CreateAsync() : null;
            _garden = new(more: _database is null ? [] : [("GARDEN_DATABASE", _database.ConnectionString)]);
            await Garden.StartAsync();
            await Garden.CallAsync(RunningGarden.AdminToken, "POST", "/garden/v1/repositories", new { name = Name });
            using var committed = await Garden.CommitAsync(RunningGarden.AdminToken, Name, SmallFile("README.md", Encoding.UTF8.GetBytes(Cards[0])), SmallFile("a/b.json", "{}"u8.ToArray()), SmallFile("a/c.txt", "x"u8.ToArray()));
            Assert.True(committed.IsSuccessStatusCode);
        }

        public async ValueTask DisposeAsync()
        {
            if (_garden is not null)
            {
                await _garden.DisposeAsync();
            }

            if (_database is not null)
            {
                await _database.DisposeAsync();
            }
        }
    }
}

public sealed class FuzzedGardenOnSqliteTests(FuzzedGardenOnSqliteTests.Sqlite running) : FuzzedGardenTests(running), IClassFixture<FuzzedGardenOnSqliteTests.Sqlite>
{
    public sealed class Sqlite() : Running(onPostgres: false);
}

public sealed class FuzzedGardenOnPostgresTests(FuzzedGardenOnPostgresTests.Postgres running) : FuzzedGardenTests(running), IClassFixture<FuzzedGardenOnPostgresTests.Postgres>
{
    public sealed class Postgres() : Running(onPostgres: true);
}
