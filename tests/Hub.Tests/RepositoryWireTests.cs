using System.Net;
using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Tests.Doubles;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

public sealed class RepositoryWireTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private readonly TestHub _hub = fixture.Hub;

    private static CancellationToken Cancel => Patience.Cancel;

    [Theory]
    [InlineData("""{"name":"c1","organization":null,"type":"model","visibility":"private"}""", "acme/c1", "", Visibility.Private)]
    [InlineData("""{"name":"c2","organization":"acme","private":false}""", "acme/c2", "", Visibility.Garden)]
    [InlineData("""{"name":"acme/c3","type":"dataset","private":true}""", "acme/c3", "datasets/", Visibility.Private)]
    [InlineData("""{"name":"c4","type":"space","sdk":"static"}""", "acme/c4", "spaces/", Visibility.Garden)]
    public async Task Create_AllWaysToAsk_AnswersUrlNameAndId(string body, string name, string prefix, Visibility visibility)
    {
        using var client = _hub.AsEngineer;

        using var answer = await client.SendRawAsync("POST", "/api/repos/create", TestHub.Json(body));
        using var again = await client.SendRawAsync("POST", "/api/repos/create", TestHub.Json(body));

        var json = await TestHub.ReadAsync(answer);
        Assert.Equal($"{TestHub.Address}/{prefix}{name}", (string?)json["url"]);
        Assert.Equal(name, (string?)json["name"]);
        Assert.Equal(24, ((string?)json["id"])!.Length);
        Assert.Equal(visibility, _hub.Store.Find(name)!.Visibility);
        Assert.Equal($"{TestHub.Address}/{prefix}{name}", (string?)(await TestHub.ReadAsync(again))["url"]);
        await again.AssertRefusedAsync(HttpStatusCode.Conflict, null, "there already");
    }

    [Fact]
    public async Task Create_WithLicenceAndFiles_BeginsWithThem()
    {
        using var client = _hub.AsEngineer;

        using var answer = await client.SendRawAsync("POST", "/api/repos/create", TestHub.Json("""{"name":"seed","license":"mit","files":[{"encoding":"base64","path":"a.txt","content":"aGk="}]}"""));

        answer.EnsureSuccessStatusCode();
        Assert.Equal("---\nlicense: mit\n---\n", await client.GetStringAsync("/acme/seed/resolve/main/README.md", Cancel));
        Assert.Equal("hi", await client.GetStringAsync("/acme/seed/resolve/main/a.txt", Cancel));
        Assert.Contains("*.safetensors filter=lfs", await client.GetStringAsync("/acme/seed/resolve/main/.gitattributes", Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"organization":"acme"}""", HttpStatusCode.BadRequest, "name is missing")]
    [InlineData("""{"name":"a--b"}""", HttpStatusCode.BadRequest, "not a repository name")]
    [InlineData("""{"name":"x","type":"kernel"}""", HttpStatusCode.BadRequest, "'kernel' is not served")]
    [InlineData("""{"name":"x","visibility":"protected"}""", HttpStatusCode.BadRequest, "'protected' is not served")]
    [InlineData("""{"name":"x","license":"a: [b"}""", HttpStatusCode.BadRequest, "license")]
    [InlineData("""{"name":"x","files":[{"path":"../x","content":""}]}""", HttpStatusCode.BadRequest, "segment")]
    [InlineData("""{"name":"x","organization":"globex"}""", HttpStatusCode.Forbidden, "globex")]
    public async Task Create_Refused_LeavesNothing(string body, HttpStatusCode status, string words)
    {
        using var answer = await _hub.AsEngineer.SendRawAsync("POST", "/api/repos/create", TestHub.Json(body));

        await answer.AssertRefusedAsync(status, null, words);
        Assert.Null(_hub.Store.Find("acme/x"));
        Assert.Null(_hub.Store.Find("globex/x"));
    }

    [Fact]
    public async Task Create_WithoutAToken_IsUnauthorised()
    {
        using var answer = await _hub.As().SendRawAsync("POST", "/api/repos/create", TestHub.Json("""{"name":"x"}"""));

        await answer.AssertRefusedAsync(HttpStatusCode.Unauthorized, null, "token");
    }

    [Fact]
    public async Task Delete_OfTheRightKind_IsGone()
    {
        await _hub.CreateAsync("acme/doomed");
        using var client = _hub.AsEngineer;

        using var wrongKind = await client.SendRawAsync("DELETE", "/api/repos/delete", TestHub.Json("""{"name":"doomed","organization":"acme","type":"dataset"}"""));
        using var right = await client.SendRawAsync("DELETE", "/api/repos/delete", TestHub.Json("""{"name":"doomed","organization":"acme","type":"model"}"""));
        using var again = await client.SendRawAsync("DELETE", "/api/repos/delete", TestHub.Json("""{"name":"doomed","organization":"acme"}"""));

        await wrongKind.AssertRefusedAsync(HttpStatusCode.NotFound, "RepoNotFound", "acme/doomed");
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        await again.AssertRefusedAsync(HttpStatusCode.NotFound, "RepoNotFound", "acme/doomed");
    }

    [Theory]
    [InlineData(ContentRating.Unrated, "Small", "Small", "unrated")]
    [InlineData(ContentRating.General, "Not-For-All-Audiences", "Not-For-All-Audiences", "sensitive")]
    [InlineData(ContentRating.Sensitive, "Small", "Small not-for-all-audiences", "sensitive")]
    [InlineData(ContentRating.Explicit, "not-for-all-audiences", "not-for-all-audiences", "explicit")]
    public async Task Info_OfWhatIsRated_BearsTheTagOnce(ContentRating rating, string declared, string tags, string word)
    {
        var repository = await _hub.CreateAsync($"acme/rated-{rating}");
        repository.AttestedRating = rating;
        repository.Declared.Tags.Add(declared);

        var info = await _hub.AsEngineer.JsonAsync($"/api/models/acme/rated-{rating}");

        Assert.Equal(tags, string.Join(' ', info["tags"]!.AsArray().Select(tag => (string?)tag).Where(tag => tag!.StartsWith("not", StringComparison.OrdinalIgnoreCase) || tag is "Small")));
        Assert.Equal(word, (string?)info["garden"]!["contentRating"]);
    }

    [Fact]
    public async Task Settings_PrivateVisibilityAndGate_AreTakenOrRefused()
    {
        var repository = await _hub.CreateAsync("acme/settings");
        using var client = _hub.AsEngineer;

        using var made = await client.SendRawAsync("PUT", "/api/models/acme/settings/settings", TestHub.Json("""{"private":true,"gated":false}"""));
        Assert.Equal("""{"private":true,"visibility":"private","gated":false}""", (await TestHub.ReadAsync(made)).ToJsonString());
        using var back = await client.SendRawAsync("PUT", "/api/models/acme/settings/settings", TestHub.Json("""{"visibility":"public"}"""));
        Assert.Equal(Visibility.Garden, repository.Visibility);
        using var gate = await client.SendRawAsync("PUT", "/api/models/acme/settings/settings", TestHub.Json("""{"gated":"manual"}"""));
        Assert.Equal("""{"private":false,"visibility":"public","gated":"manual"}""", (await TestHub.ReadAsync(gate)).ToJsonString());
        Assert.Equal(AccessGate.Manual, repository.Gate);
        repository.Declared.Licenses.Add("llama3");
        using var open = await client.SendRawAsync("PUT", "/api/models/acme/settings/settings", TestHub.Json("""{"gated":false}"""));
        // The licence still asks to be accepted.
        Assert.Equal("""{"private":false,"visibility":"public","gated":"auto"}""", (await TestHub.ReadAsync(open)).ToJsonString());
        Assert.Equal(AccessGate.None, repository.Gate);
        using var wrong = await client.SendRawAsync("PUT", "/api/models/acme/settings/settings", TestHub.Json("""{"gated":true}"""));
        await wrong.AssertRefusedAsync(HttpStatusCode.BadRequest, null, "gated is none of false");
        using var unknown = await client.SendRawAsync("PUT", "/api/models/acme/settings/settings", TestHub.Json("""{"colour":"red"}"""));
        await unknown.AssertRefusedAsync(HttpStatusCode.BadRequest, null, "colour");
    }

    [Fact]
    public async Task Info_AllFields_AreThereAndExpandChooses()
    {
        var repository = await DescribedAsync("acme/info");
        var commit = await _hub.CommitAsync("acme/info", TestHub.FileLine("config.json", "{}"), TestHub.LargeLine("w.safetensors", _hub.Upload([1])));
        using var client = _hub.AsEngineer;

        var info = await client.JsonAsync("/api/models/acme/info?blobs=True&securityStatus=true");
        var chosen = await client.JsonAsync("/api/models/acme/info/revision/HEAD?expand=pipeline_tag&expand=private&expand=xetEnabled&expand[]=likes");

        Assert.Equal("acme/info acme/info acme", $"{info["id"]} {info["modelId"]} {info["author"]}");
        Assert.Matches(@"\A[0-9a-f]{24}\z", (string?)info["_id"]);
        Assert.Equal(commit, (string?)info["sha"]);
        Assert.Matches(@"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\z", (string?)info["lastModified"]);
        Assert.Equal("""{"F32":7}""", info["safetensors"]!["parameters"]!.ToJsonString());
        Assert.Equal(7, (int)info["safetensors"]!["total"]!);
        Assert.Equal("""{"total":7,"architecture":"llama","context_length":256}""", info["gguf"]!.ToJsonString());
        Assert.Equal("""{"license":"llama3"}""", info["cardData"]!.ToJsonString());
        Assert.Equal("auto", (string?)info["gated"]);
        Assert.Equal("draft", (string?)info["garden"]!["lifecycle"]);
        Assert.Equal(
            ["transformers", "safetensors", "gguf", "text-generation", "en", "bible", "dataset:kjv", "base_model:acme/base", "base_model:quantized:acme/base", "license:llama3"],
            info["tags"]!.AsArray().Select(tag => (string?)tag));
        var siblings = info["siblings"]!.AsArray();
        Assert.Equal([".gitattributes", "config.json", "w.safetensors"], siblings.Select(file => (string?)file!["rfilename"]));
        Assert.Equal(Kernel.Sha256Digest.Of([1]).Hex, (string?)siblings[2]!["lfs"]!["sha256"]);
        Assert.Equal(["_id", "id", "likes", "modelId", "pipeline_tag", "private", "xetEnabled"], chosen.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal));
        Assert.True((bool)chosen["xetEnabled"]!);
        Assert.Null(info["xetEnabled"]);
        Assert.Equal("acme", repository.Owner);
    }

    [Fact]
    public async Task Info_OfAModel_HasWhatCardAndConfigSay()
    {
        var repository = await _hub.CreateAsync("acme/fields");
        repository.Declared.CardJson = """{"model-index":[{"name":"x","results":[]}],"widget":[{"text":"hi"}],"mask_token":"[MASK]"}""";
        repository.Measured.MergeFrom(new MeasuredFacts { Architectures = { "BertForMaskedLM" }, ModelType = "bert", Size = 42 });
        (repository.Downloads, repository.Trend) = (9, 1.5);
        repository.Source = new() { Kind = SourceKind.Mirrored, Origin = "https://maker.example.com/x", OriginRevision = "v1", Checksums = new() { Files = 3, Digest = "d1" } };
        using var client = _hub.AsEngineer;

        var info = await client.JsonAsync("/api/models/acme/fields");
        var asked = await client.JsonAsync(
            "/api/models/acme/fields?expand=downloadsAllTime&expand=trendingScore&expand=inference&expand=inferenceProviderMapping&expand=resourceGroup&expand=mainSize&expand=gitalyUid&expand=evalResults");

        Assert.Equal("""[{"name":"x","results":[]}]""", info["model-index"]!.ToJsonString());
        Assert.Equal("""[{"text":"hi"}]""", info["widgetData"]!.ToJsonString());
        Assert.Equal("[MASK]", (string?)info["mask_token"]);
        Assert.Equal("""{"architectures":["BertForMaskedLM"],"model_type":"bert"}""", info["config"]!.ToJsonString());
        Assert.Equal("""{"auto_model":"AutoModelForMaskedLM","pipeline_tag":"fill-mask","processor":"AutoTokenizer"}""", info["transformersInfo"]!.ToJsonString());
        Assert.Equal("""{"files":3,"digest":"d1"}""", info["garden"]!["originChecksums"]!.ToJsonString());
        Assert.All(["downloadsAllTime", "trendingScore", "inference", "inferenceProviderMapping", "resourceGroup", "mainSize"], field => Assert.False(info.AsObject().ContainsKey(field)));
        asked.AsObject().Remove("_id");
        Assert.Equal(
            """{"id":"acme/fields","downloadsAllTime":9,"trendingScore":1.5,"resourceGroup":null,"mainSize":42,"modelId":"acme/fields","inference":null,"inferenceProviderMapping":[]}""", asked.ToJsonString());
    }

    [Theory]
    [InlineData("LlamaForCausalLM", false, "AutoModelForCausalLM")]
    [InlineData("GPT2LMHeadModel", false, "AutoModelForCausalLM")]
    [InlineData("ViTForImageClassification", false, "AutoModelForImageClassification")]
    [InlineData("T5ForConditionalGeneration", false, null)]
    [InlineData("LlamaForCausalLM", true, null)]
    public async Task Info_TransformersInfo_IsSaidWhereTheArchitectureTells(string architecture, bool ownCode, string? name)
    {
        var repository = await _hub.CreateAsync($"acme/read-{architecture}-{ownCode}");
        repository.Measured.MergeFrom(new MeasuredFacts { Architectures = { architecture }, NeedsRemoteCode = ownCode });

        var info = await _hub.AsEngineer.JsonAsync($"/api/models/{repository.Name}");

        Assert.Equal(name, (string?)info["transformersInfo"]?["auto_model"]);
        Assert.Equal(architecture, (string?)info["config"]!["architectures"]![0]);
    }

    [Fact]
    public async Task Info_OfDataSetsAndApps_HasTheirFields()
    {
        using var client = _hub.AsEngineer;
        await client.SendRawAsync("POST", "/api/repos/create", TestHub.Json("""{"name":"texts","organization":"acme","type":"dataset"}"""));
        _hub.Store.Find("acme/texts")!.Declared.MergeFrom(new DeclaredFacts { Summary = "Many texts.", CardJson = """{"paperswithcode_id":"texts","models":"x"}""" });
        await client.SendRawAsync("POST", "/api/repos/create", TestHub.Json("""{"name":"demo","organization":"acme","type":"space","sdk":"static"}"""));
        _hub.Store.Find("acme/demo")!.Declared.CardJson = """{"models":["acme/tiny",7],"datasets":"acme/texts"}""";

        var texts = await client.JsonAsync("/api/datasets/acme/texts?expand=description&expand=paperswithcode_id&expand=citation&expand=mainSize");
        var demo = await client.JsonAsync("/api/spaces/acme/demo?expand=models&expand=datasets&expand=runtime&expand=host&expand=subdomain");

        Assert.Equal("Many texts. texts 0", $"{texts["description"]} {texts["paperswithcode_id"]} {texts["mainSize"]}");
        Assert.False(texts.AsObject().ContainsKey("citation"));
        demo.AsObject().Remove("_id");
        Assert.Equal(
            """{"id":"acme/demo","host":null,"subdomain":null,"runtime":{"stage":"STOPPED","hardware":{"current":null,"requested":null},"storage":null,"replicas":{"current":0,"requested":0}},"models":["acme/tiny"],"datasets":[]}""",
            demo.ToJsonString());
    }

    [Fact]
    public async Task Info_SecurityStatus_NamesWhatIsNotClean()
    {
        var repository = await _hub.CreateAsync("acme/secure");
        await _hub.CommitAsync("acme/secure", TestHub.FileLine("odd-name.bin", "x"), TestHub.FileLine("fine.txt", "y"));
        _hub.Store.Misnamed["odd-name.bin"] = "is no weights";
        using var client = _hub.AsEngineer;

        repository.Measured.Verdict = Verdict.Clean;
        var clean = await client.JsonAsync("/api/models/acme/secure?securityStatus=True");
        repository.Measured.Verdict = Verdict.Suspicious;
        var suspicious = await client.JsonAsync("/api/models/acme/secure/revision/main?expand=securityRepoStatus");
        var usual = await client.JsonAsync("/api/models/acme/secure");

        Assert.Equal("""{"scansDone":true,"filesWithIssues":[]}""", clean["securityRepoStatus"]!.ToJsonString());
        Assert.Equal("""{"scansDone":true,"filesWithIssues":[{"path":"odd-name.bin","level":"suspicious"}]}""", suspicious["securityRepoStatus"]!.ToJsonString());
        Assert.False(usual.AsObject().ContainsKey("securityRepoStatus"));
    }

    [Fact]
    public async Task Info_Family_IsToldToWhoAsks()
    {
        await _hub.CreateAsync("acme/eldest");
        await TiedAsync("acme/elder", "finetune", "acme/eldest", "elsewhere/model");
        await TiedAsync("acme/younger-gguf", "quantized", "acme/elder");
        await TiedAsync("acme/younger-awq", "quantized", "acme/elder");
        using var client = _hub.AsEngineer;

        var info = await client.JsonAsync("/api/models/acme/elder?expand[]=baseModels&expand[]=childrenModelCount");
        var eldest = await client.JsonAsync("/api/models/acme/eldest?expand=childrenModelCount,baseModels");
        var usual = await client.JsonAsync("/api/models/acme/elder");
        var listed = (await client.JsonAsync("/api/models?search=acme/elde&expand=childrenModelCount")).AsArray();

        var id = (string?)(await client.JsonAsync("/api/models/acme/eldest"))["_id"];
        Assert.Equal($$"""{"relation":"finetune","models":[{"_id":"{{id}}","id":"acme/eldest"},{"id":"elsewhere/model"}]}""", info["baseModels"]!.ToJsonString());
        Assert.Equal("""{"quantized":2}""", info["childrenModelCount"]!.ToJsonString());
        Assert.Equal("""{"finetune":1}""", eldest["childrenModelCount"]!.ToJsonString());
        Assert.Null(eldest["baseModels"]);
        Assert.Null(usual["baseModels"]);
        Assert.Equal(["acme/elder {\"quantized\":2}", "acme/eldest {\"finetune\":1}"], listed.Select(model => $"{model!["id"]} {model["childrenModelCount"]!.ToJsonString()}"));
        Assert.Equal(["acme/younger-awq", "acme/younger-gguf"], await NamesAsync(client, "base_model:quantized:acme/elder"));
        Assert.Equal(["acme/younger-awq", "acme/younger-gguf"], await NamesAsync(client, "base_model:acme/elder"));
        Assert.Empty(await NamesAsync(client, "base_model:adapter:acme/elder"));
    }

    private async Task TiedAsync(string name, string relation, params string[] bases)
    {
        var repository = await _hub.CreateAsync(name);
        repository.Declared.BaseModelRelation = relation;
        repository.Declared.BaseModels.AddRange(bases);
        await _hub.CommitAsync(name, TestHub.FileLine("config.json", "{}"));
    }

    private static async Task<IEnumerable<string?>> NamesAsync(HttpClient client, string filter) =>
        (await client.JsonAsync($"/api/models?filter={filter}")).AsArray().Select(model => (string?)model!["id"]);

    [Fact]
    public async Task AuthCheck_ReadAndWrite_AreToldApart()
    {
        var repository = await _hub.CreateAsync("acme/checked", published: true);
        repository.Declared.Licenses.Add("llama3");
        using var owner = _hub.AsEngineer;
        using var stranger = _hub.As(People.Engineer("globex"));

        Assert.Equal(HttpStatusCode.OK, (await owner.SendRawAsync("GET", "/api/models/acme/checked/auth-check")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await owner.SendRawAsync("GET", "/api/models/acme/checked/auth-check/write")).StatusCode);
        await (await stranger.SendRawAsync("GET", "/api/models/acme/checked/auth-check")).AssertRefusedAsync(HttpStatusCode.Forbidden, "GatedRepo", "llama3");
        await (await stranger.SendRawAsync("GET", "/api/models/acme/checked/auth-check/write")).AssertRefusedAsync(HttpStatusCode.Forbidden, null, "members of acme");
    }

    [Fact]
    public async Task WhoAmI_WithAndWithoutToken_IsThePersonOrUnauthorised()
    {
        var me = await _hub.AsEngineer.JsonAsync("/api/whoami-v2");
        var reader = await _hub.As(new() { Kind = PrincipalKind.Person, Name = "rita", Tenant = "acme", Roles = { "legal" }, Scopes = { "read" }, TokenId = "t" }).JsonAsync("/api/whoami-v2");
        using var nobody = await _hub.As().SendRawAsync("GET", "/api/whoami-v2");

        Assert.Equal("user ann acme write", $"{me["type"]} {me["name"]} {me["orgs"]![0]!["name"]} {me["orgs"]![0]!["roleInOrg"]}");
        Assert.Equal("""{"displayName":"laptop","role":"write","createdAt":"2026-03-04T05:06:07.000Z"}""", me["auth"]!["accessToken"]!.ToJsonString());
        Assert.Equal("read read", $"{reader["orgs"]![0]!["roleInOrg"]} {reader["auth"]!["accessToken"]!["role"]}");
        await nobody.AssertRefusedAsync(HttpStatusCode.Unauthorized, null, "no token");
    }

    [Fact]
    public async Task AgentHarnesses_Nobody_IsAnsweredEmpty() =>
        Assert.Equal("""{"standardEnvVars":[],"harnesses":{}}""", (await _hub.As().JsonAsync("/api/agent-harnesses")).ToJsonString());

    [Fact]
    public async Task Info_OfAnApp_TellsWhatItIsMadeWith()
    {
        using var client = _hub.AsEngineer;
        await client.SendRawAsync("POST", "/api/repos/create", TestHub.Json("""{"name":"shown","organization":"acme","type":"space","sdk":"static"}"""));
        _hub.Store.Find("acme/shown")!.Declared.CardJson = """{"sdk":"gradio"}""";

        var info = await client.JsonAsync("/api/spaces/acme/shown?expand=sdk");

        Assert.Equal("gradio", (string?)info["sdk"]);
        _hub.Store.Find("acme/shown")!.Declared.CardJson = """{"sdk":7}""";
        Assert.Null((await client.JsonAsync("/api/spaces/acme/shown"))["sdk"]);
    }

    private async Task<StoredRepository> DescribedAsync(string name)
    {
        var repository = await _hub.CreateAsync(name);
        repository.Declared.MergeFrom(new DeclaredFacts
        {
            Task = "text-generation", Library = "transformers", Licenses = { "llama3" }, Languages = { "en" }, Tags = { "bible" }, Datasets = { "kjv" },
            BaseModels = { "acme/base" }, BaseModelRelation = "quantized", CardJson = """{"license":"llama3"}""",
        });
        repository.Measured.MergeFrom(new MeasuredFacts
        {
            Parameters = 7, ParametersByType = { ["F32"] = 7 }, Architecture = "llama", ContextLength = 256, Formats = { "safetensors", "gguf" }, Size = 42, Verdict = Verdict.Clean,
        });
        return repository;
    }
}
