using ModelGarden.Contracts.V1;

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
