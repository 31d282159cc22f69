using ModelGarden.Catalog.Families;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Catalog.Tests;

/// <summary>In which forms a model is there, and which version of each.</summary>
public abstract class VariationTests(Engine engine) : CatalogContract(engine)
{
    [Fact]
    public async Task Variations_OfPublications_HaveTheirNumbers()
    {
        await CreateAsync();
        await PublishAsync(Model, Add("README.md", Card), Shard(1, "a"), Shard(2, "b"), Gguf("q4.gguf", "q4", "Q4_K_M"));
        await PublishAsync(Model, Add("notes.txt", "nothing of weight"));
        await PublishAsync(Model, Gguf("q4.gguf", "q4 again", "Q4_K_M"), Gguf("q8.gguf", "q8", "Q8_0"));

        var listed = await Stranger.ListVariationsAsync(new() { Name = Model }, cancellationToken: Cancel);

        Assert.False(listed.Truncated);
        Assert.Equal(
            ["acme/llama gguf 8B Q4_K_M: 3,1", "acme/llama gguf 8B Q8_0: 3", "acme/llama safetensors 8B BF16: 1"], listed.Variations.Select(Line));
        var weights = Assert.Single(listed.Variations[2].Versions);
        Assert.Equal((8_030_000_000, 200, "m-00001-of-00002.safetensors,m-00002-of-00002.safetensors"), (weights.Parameters, weights.Bytes, string.Join(',', weights.Paths)));
        Assert.NotEqual(listed.Variations[0].Versions[0].Revision, weights.Revision);
        Assert.NotNull(weights.PublishedAt);
    }

    [Fact]
    public async Task Variations_OfQuantizations_StandBehindTheModelsOwn()
    {
        await CreateAsync();
        await PublishAsync(Model, Add("README.md", Card), Shard(1, "a"), Shard(2, "b"));
        await CreateAsync("acme/z-gguf");
        await PublishAsync("acme/z-gguf", Add("README.md", $"---\nlicense: mit\nbase_model: {Model}\n---\n"), Gguf("z.gguf", "z", "Q5_K_M"));
        await CreateAsync("acme/chat");
        await PublishAsync("acme/chat", Add("README.md", $"---\nlicense: mit\nbase_model: {Model}\nbase_model_relation: finetune\n---\n"), Gguf("chat.gguf", "chat", "Q5_K_M"));

        Assert.Equal(
            ["acme/llama safetensors 8B BF16: 1", "acme/z-gguf gguf 8B Q5_K_M: 1"], (await Stranger.ListVariationsAsync(new() { Name = Model }, cancellationToken: Cancel)).Variations.Select(Line));
    }

    [Fact]
    public async Task Variations_OfVeryMany_ComeInPages()
    {
        await CreateAsync();
        await PublishAsync(Model, Add("README.md", Card), Shard(1, "a"), Shard(2, "b"));
        for (var i = 0; i < 22; i++)
        {
            await CreateAsync($"acme/q{i:00}");
            await PublishAsync($"acme/q{i:00}", Add("README.md", $"---\nlicense: mit\nbase_model: {Model}\n---\n"), Gguf("q.gguf", $"q{i}", "Q5_K_M"));
        }

        var (pages, asked) = (new List<List<string>>(), new ListVariationsRequest { Name = Model });
        do
        {
            var page = await Stranger.ListVariationsAsync(asked, cancellationToken: Cancel);
            Assert.False(page.Truncated);
            pages.Add([.. page.Variations.Select(variation => variation.Repository)]);
            asked.PageToken = page.NextPageToken;
        }
        while (asked.PageToken.Length > 0);

        Assert.Equal([10, 10, 3], pages.Select(page => page.Count));
        Assert.Equal([Model, .. Enumerable.Range(0, 22).Select(i => $"acme/q{i:00}")], pages.SelectMany(page => page));
        Assert.Equal("BAD_PAGE_SIZE", await ReasonAsync(Stranger.ListVariationsAsync(new() { Name = Model, PageSize = 21 }, cancellationToken: Cancel)));
        Assert.Equal("BAD_PAGE_TOKEN", await ReasonAsync(Stranger.ListVariationsAsync(new() { Name = Model, PageToken = "x" }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task Variations_OfARepositoryWithVeryMany_AreToldInPart()
    {
        await CreateAsync();
        await PublishAsync(Model, [Add("README.md", Card), .. Enumerable.Range(0, 102).Select(i => Gguf($"{i:000}.gguf", $"{i}", $"Q{i:000}"))]);

        var listed = await Stranger.ListVariationsAsync(new() { Name = Model }, cancellationToken: Cancel);

        Assert.True(listed.Truncated);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"Q{i:000}"), listed.Variations.Select(variation => variation.Precision));
    }

    [Fact]
    public async Task Variations_OfVeryManyFiles_NameThoseOfTheNewest()
    {
        await CreateAsync();
        for (var version = 1; version <= 6; version++)
        {
            await PublishAsync(Model, [Add("README.md", Card), .. Enumerable.Range(1, 999).Select(i => Large(
                $"m-{i:00000}-of-00999.safetensors", Artifacts.Upload("acme", $"{version} {i}", 1, facts: new() { Format = "safetensors", Parameters = 1_000_000, ParametersByType = { ["BF16"] = 1_000_000 } })))]);
        }

        var versions = Assert.Single((await Stranger.ListVariationsAsync(new() { Name = Model }, cancellationToken: Cancel)).Variations).Versions;

        Assert.Equal([999, 999, 999, 999, 999, 5], versions.Select(version => version.Paths.Count));
        Assert.All(versions, version => Assert.Equal((999, 999_000_000), (version.Bytes, version.Parameters)));
    }

    [Fact]
    public async Task Variations_OfWhatIsNotPublished_AreNone()
    {
        await CreateAsync();
        await CommitAsync(Add("README.md", Card), Gguf("q4.gguf", "q4", "Q4_K_M"));

        Assert.Empty((await Engineer.ListVariationsAsync(new() { Name = Model }, cancellationToken: Cancel)).Variations);
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Stranger.ListVariationsAsync(new() { Name = Model }, cancellationToken: Cancel)));
    }

    private async Task PublishAsync(string name, params Operation[] operations)
    {
        await Engineer.CreateCommitAsync(new() { Name = name, Summary = "change", Operations = { operations } }, cancellationToken: Cancel);
        await Engineer.ChangeLifecycleAsync(new() { Name = name, Action = LifecycleAction.Submit }, cancellationToken: Cancel);
        await Curator.ChangeLifecycleAsync(new() { Name = name, Action = LifecycleAction.Approve }, cancellationToken: Cancel);
        await Curator.ChangeLifecycleAsync(new() { Name = name, Action = LifecycleAction.Publish }, cancellationToken: Cancel);
    }

    private Operation Shard(int number, string content) => Large(
        $"m-0000{number}-of-00002.safetensors",
        Artifacts.Upload("acme", content, 100, facts: new() { Format = "safetensors", Parameters = 4_015_000_000, ParametersByType = { ["BF16"] = 4_000_000_000, ["F32"] = 15_000_000 } }));

    private Operation Gguf(string path, string content, string quantization) =>
        Large(path, Artifacts.Upload("acme", content, 50, facts: new() { Format = "gguf", Parameters = 8_030_000_000, Quantization = quantization }));

    private static string Line(Variation variation) =>
        $"{variation.Repository} {variation.Framework} {variation.Size} {variation.Precision}: {string.Join(',', variation.Versions.Select(version => version.Number))}";
}

public sealed class VariationsOnSqliteTests() : VariationTests(Engine.Sqlite);

public sealed class VariationsOnPostgresTests() : VariationTests(Engine.Postgres);

/// <summary>Sizes by themselves.</summary>
public sealed class WeightSetTests
{
    [Theory]
    [InlineData(7, "7")]
    [InlineData(12_345, "12K")]
    [InlineData(999_499, "999K")]
    [InlineData(999_500, "1M")]
    [InlineData(349_900_000, "350M")]
    [InlineData(1_540_000_000, "1.5B")]
    [InlineData(8_030_000_000, "8B")]
    [InlineData(9_960_000_000, "10B")]
    [InlineData(70_600_000_000, "71B")]
    [InlineData(1_020_000_000_000, "1T")]
    public void SizeOf_Parameters_IsRounded(long parameters, string expected) => Assert.Equal(expected, WeightSet.SizeOf(parameters));
}
