using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>What records say: the card's word, the bytes' word, and Artifacts' later word.</summary>
public abstract class FactsTests(Engine engine) : CatalogContract(engine)
{
    [Fact]
    public async Task Record_OfACard_HasItsWords()
    {
        await CreateAsync();

        await CommitAsync(Add("README.md", Card), Add("chat_template.jinja", "{{ x }}"), Add("config.json", """{"model_type":"llama","max_position_embeddings":2048}"""));

        var record = (await Engineer.ResolveRevisionAsync(new() { Name = Model }, cancellationToken: Cancel)).Record;
        var declared = record.Declared;
        Assert.Equal(("Small llama", "Answers short questions.", "text-generation", "transformers"), (declared.Title, declared.Summary, declared.Task, declared.Library));
        Assert.Equal(["apache-2.0"], declared.Licenses);
        Assert.Equal(["en", "de"], declared.Languages);
        Assert.Equal("""{"license":"apache-2.0","pipeline_tag":"text-generation","library_name":"transformers","language":["en","de"],"tags":["small"]}""", declared.CardJson);
        Assert.Equal(("llama", 2048, 3, Verdict.Clean, true), (record.Measured.Architecture, record.Measured.ContextLength, record.Measured.FileCount, record.Measured.Verdict, record.Measured.ChatTemplate));
    }

    [Fact]
    public async Task Record_OfADataSetsCard_HasItsTasks()
    {
        await Engineer.CreateRepositoryAsync(new() { Name = Model, Kind = RepositoryKind.Dataset }, cancellationToken: Cancel);
        await Engineer.CreateCommitAsync(
            new() { Name = Model, Kind = RepositoryKind.Dataset, Summary = "card", Operations = { Add("README.md", "---\nlicense: mit\ntask_categories: [question-answering, summarization]\n---\n") } }, cancellationToken: Cancel);

        var record = (await Engineer.ResolveRevisionAsync(new() { Name = Model, Kind = RepositoryKind.Dataset }, cancellationToken: Cancel)).Record;

        Assert.Equal(["question-answering", "summarization"], record.Declared.TaskCategories);
    }

    [Fact]
    public async Task Record_OfShards_AddsThemUpOnce()
    {
        await CreateAsync();
        var shards = Enumerable.Range(1, 2).Select(i => Artifacts.Upload("acme", $"shard {i}", 1000, facts: Weights("safetensors", 100, "BF16"))).ToList();
        var copy = Artifacts.Upload("acme", "half", 500, facts: Weights("safetensors", 150, "F16"));
        var gguf = Artifacts.Upload("acme", "gguf", 300, facts: new(Weights("gguf", 201, "Q8_0")) { Quantization = "Q8_0", Architecture = "llama", ContextLength = 512 });

        await CommitAsync(Large("model-00001-of-00002.safetensors", shards[0]), Large("model-00002-of-00002.safetensors", shards[1]), Large("half.safetensors", copy), Large("m.gguf", gguf));

        var measured = (await Engineer.ResolveRevisionAsync(new() { Name = Model }, cancellationToken: Cancel)).Record.Measured;
        Assert.Equal(200, measured.Parameters);
        Assert.Equal(200, Assert.Single(measured.ParametersByType, pair => pair.Key is "BF16").Value);
        Assert.Equal(["gguf", "safetensors"], measured.Formats);
        Assert.Equal(["Q8_0"], measured.Quantizations);
        Assert.Equal(5, measured.FileCount);
    }

    [Fact]
    public async Task Record_OfTokenizerCodeAndGraph_SaysSo()
    {
        await CreateAsync();
        var graph = Artifacts.Upload("acme", "graph", 1000, facts: new(Weights("onnx", 7, "FLOAT"))
        {
            Opset = 17,
            Inputs = { new TensorPort { Name = "ids", Type = "int64", Shape = { -1, 8 } } },
            Outputs = { Enumerable.Range(0, 70).Select(i => new TensorPort { Name = $"out{i}", Type = "float" }) },
        });
        var part = Artifacts.Upload("acme", "part", 10, facts: new(Weights("onnx", 1, "FLOAT")) { Opset = 9 });

        await CommitAsync(
            Add("tokenizer.json", "{}"),
            Add("config.json", """{"model_type":"x","vocab_size":32000,"auto_map":{"AutoModel":"code.X"},"quantization_config":{"quant_method":"gptq"}}"""),
            Large("a/part.onnx", part),
            Large("model.onnx", graph));

        var measured = (await Engineer.ResolveRevisionAsync(new() { Name = Model }, cancellationToken: Cancel)).Record.Measured;
        Assert.Equal((true, 32000, true, 17, 64), (measured.Tokenizer, measured.VocabularySize, measured.NeedsRemoteCode, measured.Opset, measured.Outputs.Count));
        Assert.Equal(new TensorPort { Name = "ids", Type = "int64", Shape = { -1, 8 } }, Assert.Single(measured.Inputs));
        Assert.Equal(["gptq"], measured.Quantizations);
    }

    [Fact]
    public async Task Record_OfGgufAlone_HasItsTokenizer()
    {
        await CreateAsync();

        await CommitAsync(Large("m.gguf", Artifacts.Upload("acme", "gguf", 300, facts: new(Weights("gguf", 201, "Q8_0")) { Tokenizer = "gpt2", VocabularySize = 99 })));

        var measured = (await Engineer.ResolveRevisionAsync(new() { Name = Model }, cancellationToken: Cancel)).Record.Measured;
        Assert.Equal((true, 99, false, false), (measured.Tokenizer, measured.VocabularySize, measured.NeedsRemoteCode, measured.HasOpset));
    }

    [Theory]
    [InlineData("tags: [gguf]", "safetensors", "F16", "README.md declares gguf, and there is no such file: the weights are there as safetensors")]
    [InlineData("library_name: onnx", "safetensors", "F16", "README.md declares onnx, and there is no such file: the weights are there as safetensors")]
    [InlineData("base_model: acme/base\nbase_model_relation: quantized", "safetensors", "F16", "README.md declares base_model_relation 'quantized', and all weights are of F16")]
    [InlineData("base_model: acme/base\nbase_model_relation: quantized", "safetensors", "I8", null)]
    [InlineData("tags: [safetensors]", "safetensors", "F16", null)]
    [InlineData("tags: [gguf]", "", "", null)]
    public async Task Record_CardAgainstFiles_TellsTheContradiction(string line, string format, string type, string? contradiction)
    {
        await CreateAsync();
        var weights = format.Length is 0 ? null : Large("model.safetensors", Artifacts.Upload("acme", "weights", 1000, facts: Weights(format, 10, type)));

        await CommitAsync([Add("README.md", $"---\nlicense: mit\n{line}\n---\n# T"), .. weights is null ? [] : new[] { weights }]);

        Assert.Equal(contradiction is null ? [] : [contradiction], (await Engineer.ResolveRevisionAsync(new() { Name = Model }, cancellationToken: Cancel)).Record.Contradictions);
    }

    [Fact]
    public async Task ListTensors_OfASmallFile_ComeInPagesOfOneCommit()
    {
        await CreateAsync();
        var first = await CommitAsync(Add("m.safetensors", Safetensors(2, 3)));
        var request = new ListTensorsRequest { Name = Model, Path = "m.safetensors", PageSize = 1 };

        var page = await Engineer.ListTensorsAsync(request, cancellationToken: Cancel);
        await CommitAsync(Add("m.safetensors", Safetensors(5)));
        request.PageToken = page.NextPageToken;
        var next = await Engineer.ListTensorsAsync(request, cancellationToken: Cancel);

        Assert.Equal((2, first.Id, 2, first.Id, ""), (page.Total, page.Commit, next.Total, next.Commit, next.NextPageToken));
        Assert.Equal([new Tensor { Name = "t0", Type = "U8", Shape = { 2 } }, new Tensor { Name = "t1", Type = "U8", Shape = { 3 } }], page.Tensors.Concat(next.Tensors));
    }

    [Fact]
    public async Task ListTensors_OfALargeFile_IsAskedOfArtifacts()
    {
        await CreateAsync();
        var file = Artifacts.Upload("acme", "weights", 1000, facts: Weights("gguf", 1, "Q8_0"));
        Artifacts.Tensors[file.Sha256] = [.. Enumerable.Range(0, 1200).Select(i => new Tensor { Name = $"t{i}" })];
        await CommitAsync(Large("w.gguf", file));

        var page = await Engineer.ListTensorsAsync(new() { Name = Model, Path = "w.gguf" }, cancellationToken: Cancel);
        var rest = await Engineer.ListTensorsAsync(new() { Name = Model, Path = "w.gguf", PageToken = page.NextPageToken }, cancellationToken: Cancel);

        Assert.Equal((1000, 200, 1200, ""), (page.Tensors.Count, rest.Tensors.Count, page.Total, rest.NextPageToken));
        Assert.Equal("t1199", rest.Tensors[^1].Name);
    }

    [Fact]
    public async Task ListTensors_OfWhatListsNone_IsRefusedWithTheReason()
    {
        await CreateAsync();
        await CommitAsync(Add("README.md", Card), Large("bad.gguf", Artifacts.Upload("acme", "bad", 10, Verdict.Suspicious)));

        Assert.Equal("NO_TENSORS", await ReasonAsync(Engineer.ListTensorsAsync(new() { Name = Model, Path = "README.md" }, cancellationToken: Cancel)));
        Assert.Equal("PATH_NOT_FOUND", await ReasonAsync(Engineer.ListTensorsAsync(new() { Name = Model, Path = "none" }, cancellationToken: Cancel)));
        Assert.Equal("FILE_NOT_CLEAN", await ReasonAsync(As(People.Person("lea", "acme", Hosting.Access.Roles.Legal)).ListTensorsAsync(new() { Name = Model, Path = "bad.gguf" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_PAGE_SIZE", await ReasonAsync(Engineer.ListTensorsAsync(new() { Name = Model, Path = "README.md", PageSize = 1001 }, cancellationToken: Cancel)));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(As(People.Engineer("other")).ListTensorsAsync(new() { Name = Model, Path = "README.md" }, cancellationToken: Cancel)));
    }

    private static byte[] Safetensors(params int[] lengths)
    {
        var end = 0;
        var header = System.Text.Encoding.UTF8.GetBytes($"{{{string.Join(',', lengths.Select((length, i) => $"\"t{i}\":{{\"dtype\":\"U8\",\"shape\":[{length}],\"data_offsets\":[{end},{end += length}]}}"))}}}");
        return [.. BitConverter.GetBytes((long)header.Length), .. header, .. new byte[lengths.Sum()]];
    }

    [Fact]
    public async Task Record_FileExaminedLater_FollowsArtifacts()
    {
        var repository = await CreateAsync();
        var file = Artifacts.Upload("acme", "weights", 1000, Verdict.Pending);
        var old = await CommitAsync(Add("README.md", Card), Large("w.gguf", file));
        await Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/tags/v1" }, cancellationToken: Cancel);
        var head = await CommitAsync(Add("x", "1"));
        Assert.Equal(Verdict.Pending, (await UntilAsync(repository.Id, state => state.Head == head.Id)).Record.Measured.Verdict);

        Artifacts.Tell(new(file) { Verdict = Verdict.Clean, Recognized = "gguf", Facts = Weights("gguf", 42, "Q8_0") });

        var told = await UntilAsync(repository.Id, state => state.Record?.Measured.Verdict is Verdict.Clean);
        Assert.Equal(42, told.Record.Measured.Parameters);
        foreach (var commit in new[] { head, old })
        {
            Assert.Equal(42, (await Engineer.ResolveRevisionAsync(new() { Name = Model, Revision = commit.Id }, cancellationToken: Cancel)).Record.Measured.Parameters);
        }
    }

    [Fact]
    public async Task Record_ExaminedWhileNobodyFollowed_IsCaughtUpWith()
    {
        var repository = await CreateAsync();
        var file = Artifacts.Upload("acme", "weights", 1000, Verdict.Pending);
        await CommitAsync(Large("w.gguf", file));
        Artifacts.Hang();
        await Garden.RestartAsync(CatalogModule.Definition);

        Artifacts.Tell(new(file) { Verdict = Verdict.Malicious });

        await UntilAsync(repository.Id, state => state.Record.Measured.Verdict is Verdict.Malicious);
    }

    [Fact]
    public async Task Record_CommitsAndExaminationsAtOnce_NoneStaysPending()
    {
        var repository = await CreateAsync();
        var files = Enumerable.Range(0, 12).Select(i => Artifacts.Upload("acme", $"weights {i}", 1000 + i, Verdict.Pending)).ToList();

        await Task.WhenAll(files.Select(async (file, i) =>
        {
            var examined = Task.Run(() => Artifacts.Tell(new(file) { Verdict = Verdict.Clean, Recognized = "gguf" }), Cancel);
            await CommitAsync(Large($"w{i}.gguf", file));
            await examined;
        }));

        await UntilAsync(repository.Id, state => state.Record is { Measured: { FileCount: 13, Verdict: Verdict.Clean } });
    }

    [Fact]
    public async Task Record_OfTruncatedSmallFile_IsSuspicious()
    {
        await CreateAsync();

        await CommitAsync(Add("model.safetensors", [8, 0, 0, 0, 0, 0, 0, 0, (byte)'{']), Add("README.md", Card));

        Assert.Equal(Verdict.Suspicious, (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Record.Measured.Verdict);
        Assert.Equal("CHECKS_FAILED", await ReasonAsync(Engineer.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Submit }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task CreateCommit_ThousandLargeFiles_AsksForThemInBatches()
    {
        await CreateAsync();
        var files = Enumerable.Range(0, 1100).Select(i => Artifacts.Upload("acme", $"{i}", i + 1)).ToList();

        await CommitAsync([.. files.Select((file, i) => Large($"f{i}.bin", file))]);

        Assert.Equal([500, 500, 100], Artifacts.Questions.Select(question => question.Count));
        Assert.Equal(Verdict.Clean, (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Record.Measured.Verdict);
    }

    private static FileFacts Weights(string format, long parameters, string type) => new() { Format = format, Parameters = parameters, ParametersByType = { [type] = parameters } };
}

public sealed class FactsOnSqliteTests() : FactsTests(Engine.Sqlite);

public sealed class FactsOnPostgresTests() : FactsTests(Engine.Postgres);
