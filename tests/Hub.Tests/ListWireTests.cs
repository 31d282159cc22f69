using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Repositories;
using ModelGarden.Hub.Tests.Doubles;

namespace ModelGarden.Hub.Tests;

public sealed class ListWireTests : IAsyncLifetime
{
    private TestHub _hub = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await TestHub.StartAsync();
        await AddAsync("acme/a", "text-generation", "apache-2.0", "small", "bible");
        await AddAsync("acme/b", "text-generation", "llama3", "bible");
        await AddAsync("acme/c", "text-classification", "apache-2.0", "small");
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Theory]
    [InlineData("", "acme/a acme/b acme/c")]
    [InlineData("?search=B", "acme/b")]
    [InlineData("?pipeline_tag=text-generation&gated=True", "acme/b")]
    [InlineData("?filter=text-generation&filter=apache-2.0x", "")]
    [InlineData("?filter=license:apache-2.0&filter=text-classification", "acme/c")]
    [InlineData("?filter=small&filter=bible", "acme/a")]
    [InlineData("?author=acme&gated=0", "acme/a acme/c")]
    [InlineData("?author=globex", "")]
    public async Task List_Filters_AreAllHeeded(string query, string names) =>
        Assert.Equal(names, string.Join(' ', (await _hub.As().JsonAsync($"/api/models{query}")).AsArray().Select(model => (string?)model!["id"])));

    [Fact]
    public async Task List_OfDataSets_IsFilteredByEachOfTheirTasks()
    {
        await _hub.As().JsonAsync("/api/datasets?filter=task_categories:summarization&filter=task_categories:question-answering");

        Assert.Equal(["summarization"], _hub.Search.Last!.Tasks);
        Assert.Equal(
            ["task_categories:question-answering", "task_categories:summarization", "de"],
            RepositoryTags.Of(new() { Declared = new() { TaskCategories = { "question-answering", "summarization" }, Languages = { "de" } } }, ContentRating.Unrated));
    }

    [Fact]
    public async Task List_EveryParameter_ReachesSearch()
    {
        await _hub.As().JsonAsync(
            "/api/models?search=a&search=b&author=acme&filter=gguf&filter=de&filter=language:fr&filter=peft&filter=base_model:finetune:x/y&filter=dataset:kjv"
            + "&num_parameters=min:6B,max:1.5T&sort=lastModified&direction=-1&limit=9000");

        Assert.Equal(
            JsonNode.Parse("""
                {"text":"a b","owners":["acme"],"formats":["gguf"],"languages":["de"],"libraries":["peft"],"baseModels":["x/y"],"tags":["dataset:kjv"],
                 "minimumParameters":"6000000000","maximumParameters":"1500000000000","sort":"updated","pageSize":500,"kind":"REPOSITORY_KIND_MODEL"}
                """)!.AsObject().OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key}={field.Value!.ToJsonString()}"),
            JsonNode.Parse(_hub.Search.Last!.ToString())!.AsObject().OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key}={field.Value!.ToJsonString()}"));
    }

    [Theory]
    [InlineData("downloads", "downloads")]
    [InlineData("likes", "likes")]
    [InlineData("trendingScore", "trending")]
    [InlineData("createdAt", "created")]
    [InlineData("num_parameters", "parameters")]
    [InlineData("mainSize", "size")]
    public async Task List_Sorted_IsInSearchsWords(string sort, string word)
    {
        await _hub.As().JsonAsync($"/api/models?sort={sort}");

        Assert.Equal(word, _hub.Search.Last!.Sort);
    }

    [Theory]
    [InlineData("?inference_provider=all")]
    [InlineData("?inference_provider=a,b&search=acme")]
    [InlineData("?inference=warm")]
    [InlineData("?apps=unheard-of")]
    public async Task List_OfWhatIsKnownToBeNothing_AsksNobody(string query)
    {
        Assert.Empty((await _hub.As().JsonAsync($"/api/models{query}")).AsArray());

        Assert.Null(_hub.Search.Last);
    }

    [Theory]
    [InlineData("?apps=ollama")]
    [InlineData("?apps=unheard-of,llama.cpp")]
    [InlineData("?apps=jan&apps=lmstudio")]
    public async Task List_ForProgramsThatReadGguf_IsOfThatFormat(string query)
    {
        await _hub.As().JsonAsync($"/api/models{query}");

        Assert.Equal(["gguf"], _hub.Search.Last!.Formats);
    }

    [Theory]
    [InlineData("?filter=onnx&apps=ollama", "acme/both")]
    [InlineData("?apps=ollama&filter=gguf", "acme/both acme/one")]
    [InlineData("?filter=onnx", "acme/both acme/other")]
    [InlineData("?filter=language:de&filter=language:fr", "acme/both")]
    [InlineData("?filter=language:de&filter=fr&filter=onnx", "acme/both")]
    [InlineData("?filter=library:peft&filter=library:timm", "")]
    public async Task List_OfSeveralOfAKind_IsOfThoseThatHaveAll(string query, string names)
    {
        await AddAsync("acme/one", ["gguf"], "de");
        await AddAsync("acme/other", ["onnx"], "fr");
        await AddAsync("acme/both", ["gguf", "onnx"], "fr", "de");

        Assert.Equal(names, string.Join(' ', (await _hub.As().JsonAsync($"/api/models{query}")).AsArray().Select(model => (string?)model!["id"])));
    }

    [Fact]
    public async Task List_Pages_FollowEachOther()
    {
        using var client = _hub.As();
        using var first = await client.SendRawAsync("GET", "/api/models?limit=2&search=&expand=downloads");

        Assert.Equal($"<{TestHub.Address}/api/models?limit=2&search=&expand=downloads&cursor=2>; rel=\"next\"", first.Header("Link"));
        using var second = await client.SendRawAsync("GET", "/api/models?limit=2&search=&expand=downloads&cursor=2");
        Assert.Null(second.Header("Link"));
        Assert.Equal("""{"id":"acme/c","downloads":0}""", Without(Assert.Single((await TestHub.ReadAsync(second)).AsArray())!, "_id", "modelId"));
    }

    [Fact]
    public async Task List_FullAndCard_AddFilesAndCards()
    {
        _hub.Store.Find("acme/a")!.Declared.CardJson = """{"license":"apache-2.0","model-index":[],"widget":[]}""";
        _hub.Store.Find("acme/a")!.Measured.MergeFrom(new MeasuredFacts { Architectures = { "LlamaForCausalLM" } });
        var usual = await _hub.As().JsonAsync("/api/models?search=acme/a");
        var full = await _hub.As().JsonAsync("/api/models?search=acme/a&full=True&cardData=true&config=true");

        Assert.Null(usual[0]!["siblings"]);
        Assert.All(["cardData", "model-index", "widgetData", "config", "transformersInfo", "downloadsAllTime"], field => Assert.False(usual[0]!.AsObject().ContainsKey(field)));
        Assert.All(["model-index", "widgetData", "config", "transformersInfo"], field => Assert.True(full[0]!.AsObject().ContainsKey(field)));
        Assert.Equal(".gitattributes", (string?)full[0]!["siblings"]![0]!["rfilename"]);
        Assert.Equal("""{"license":"apache-2.0","model-index":[],"widget":[]}""", full[0]!["cardData"]!.ToJsonString());
    }

    [Fact]
    public async Task Tags_ByType_AreCountedFromSearch()
    {
        var tags = await _hub.As().JsonAsync("/api/models-tags-by-type");

        Assert.Equal("""{"id":"license:apache-2.0","label":"apache-2.0","type":"license"}""", tags["license"]![0]!.ToJsonString());
        Assert.Equal(["text-generation", "text-classification"], tags["pipeline_tag"]!.AsArray().Select(tag => (string?)tag!["id"]));
    }

    [Fact]
    public async Task Tags_ByType_OfDataSets_AreTheirOwnAsFilters()
    {
        var texts = await _hub.CreateAsync("acme/texts", RepositoryKind.Dataset, published: true);
        texts.Declared.MergeFrom(new DeclaredFacts { TaskCategories = { "summarization" }, Licenses = { "mit" }, Languages = { "de" }, Tags = { "size_categories:1K<n<10K", "legal" } });

        var tags = await _hub.As().JsonAsync("/api/datasets-tags-by-type");

        Assert.Equal(
            ["task_categories task_categories:summarization", "license license:mit", "language language:de", "size_categories size_categories:1K<n<10K", "other legal"],
            tags.AsObject().SelectMany(type => type.Value!.AsArray().Select(tag => $"{type.Key} {tag!["id"]}")));
        Assert.Equal("""{"id":"size_categories:1K\u003Cn\u003C10K","label":"1K\u003Cn\u003C10K","type":"size_categories"}""", tags["size_categories"]![0]!.ToJsonString());
        foreach (var id in tags.AsObject().SelectMany(type => type.Value!.AsArray().Select(tag => (string)tag!["id"]!)))
        {
            await _hub.As().JsonAsync($"/api/datasets?filter={Uri.EscapeDataString(id)}");
            var asked = _hub.Search.Last!;
            Assert.Equal(id[(id.StartsWith("size_", StringComparison.Ordinal) ? 0 : id.IndexOf(':', StringComparison.Ordinal) + 1)..], Assert.Single(asked.Tasks.Concat(asked.Licenses).Concat(asked.Languages).Concat(asked.Tags)));
        }
    }

    private async Task AddAsync(string name, string[] formats, params string[] languages)
    {
        var repository = await _hub.CreateAsync(name, published: true);
        repository.Measured.Formats.Add(formats);
        repository.Declared.Languages.Add(languages);
    }

    private async Task AddAsync(string name, string task, string license, params string[] tags)
    {
        var repository = await _hub.CreateAsync(name, published: true);
        repository.Declared.MergeFrom(new DeclaredFacts { Task = task, Licenses = { license }, Tags = { tags }, CardJson = $$"""{"license":"{{license}}"}""" });
    }

    private static string Without(JsonNode json, params string[] names)
    {
        foreach (var name in names)
        {
            json.AsObject().Remove(name);
        }

        return json.ToJsonString();
    }
}
