using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ModelGarden.Catalog.Families;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>What was made of what.</summary>
public abstract class FamilyTests(Engine engine) : CatalogContract(engine)
{
    [Fact]
    public async Task Family_OfThreeGenerations_IsWalkedBothWays()
    {
        await MakeAsync("acme/base");
        await MakeAsync("acme/chat", "finetune", "acme/base");
        await MakeAsync("acme/chat-gguf", "quantized", "acme/chat");
        await MakeAsync("acme/mix", "", "acme/chat", "else/where");
        await MakeAsync("acme/b-awq", "quantized", "Acme/Base");

        Assert.Equal(["1 acme/b-awq Quantized of acme/base", "1 acme/chat Finetune of acme/base"], await DescendantsAsync("acme/base", 1));
        Assert.Equal(
            ["1 acme/b-awq Quantized of acme/base", "1 acme/chat Finetune of acme/base", "2 acme/chat-gguf Quantized of acme/chat", "2 acme/mix Merge of acme/chat"], await DescendantsAsync("acme/base", 10));
        Assert.Equal(["1 acme/b-awq Quantized of acme/base"], await DescendantsAsync("acme/base", 10, FamilyRelation.Quantized, FamilyRelation.Merge));
        Assert.Equal(["1 acme/chat Merge of acme/mix", "1 else/where Merge of acme/mix", "2 acme/base Finetune of acme/chat"], await AncestorsAsync("acme/mix", 3));
        var mix = await ListAsync(Engineer, new() { Name = "acme/mix", Direction = FamilyDirection.Ancestors });
        Assert.Equal(("acme/chat", "acme/chat", true, false, false), (mix.Members[0].Name, mix.Members[0].Repository.Name, mix.Members[0].Declared, mix.Members[0].Measured, mix.Members[0].RelationDeclared));
        Assert.Null(mix.Members[1].Repository);
        var chat = await ListAsync(Engineer, new() { Name = "acme/chat" });
        Assert.Equal(["Quantized 1", "Merge 1"], chat.Children.Select(count => $"{count.Relation} {count.Count}"));
        Assert.True(chat.Members[0].RelationDeclared);
    }

    [Fact]
    public async Task Family_OfCircles_Ends()
    {
        await MakeAsync("acme/egg", "finetune", "acme/hen", "acme/egg");
        await MakeAsync("acme/hen", "finetune", "acme/egg");

        Assert.Equal(["1 acme/hen Finetune of acme/egg"], await AncestorsAsync("acme/egg", 10));
        Assert.Equal(["1 acme/egg Finetune of acme/hen"], await DescendantsAsync("acme/hen", 10));
        Assert.Equal(1, Assert.Single((await ListAsync(Engineer, new() { Name = "acme/egg" })).Children).Count);
    }

    [Fact]
    public async Task Family_MovedBase_IsFoundByTheNameThatItHad()
    {
        await MakeAsync("acme/old");
        await MakeAsync("acme/child", "adapter", "acme/old");
        await Engineer.MoveRepositoryAsync(new() { Name = "acme/old", NewName = "acme/new" }, cancellationToken: Cancel);

        Assert.Equal(["1 acme/new Adapter of acme/child"], await AncestorsAsync("acme/child", 1));
        Assert.Equal(["1 acme/child Adapter of acme/new"], await DescendantsAsync("acme/new", 1));
        await MakeAsync("acme/old");
        Assert.Equal(["1 acme/old Adapter of acme/child"], await AncestorsAsync("acme/child", 1));
        Assert.Empty(await DescendantsAsync("acme/new", 1));
    }

    [Fact]
    public async Task Family_OfDrafts_IsTheOwnersAlone()
    {
        await PublishAsync();
        await MakeAsync("acme/draft", "finetune", Model);
        await MakeAsync(Model, "finetune", "acme/draft");

        Assert.Equal(["1 acme/draft Finetune of acme/llama"], await DescendantsAsync(Model, 1));
        Assert.Equal(["1 acme/draft Finetune of acme/llama"], await AncestorsAsync(Model, 1));
        foreach (var visitor in new[] { Stranger, As(People.Anonymous) })
        {
            var (below, above) = (await ListAsync(visitor, new() { Name = Model }), await ListAsync(visitor, new() { Name = Model, Direction = FamilyDirection.Ancestors }));
            Assert.Empty(below.Members);
            Assert.Empty(below.Children);
            // What is published declares no base.
            Assert.Empty(above.Members);
        }

        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Stranger.ListFamilyAsync(new() { Name = "acme/draft" }, cancellationToken: Cancel)));
        await StepAsync(LifecycleAction.Submit);
        await StepAsync(LifecycleAction.Approve);
        await StepAsync(LifecycleAction.Publish);
        var published = Assert.Single((await ListAsync(Stranger, new() { Name = Model, Direction = FamilyDirection.Ancestors })).Members);
        Assert.Equal(("acme/draft", true), (published.Name, published.Repository is null));
    }

    [Fact]
    public async Task Family_DeclaredNoLonger_IsNoTie()
    {
        await MakeAsync("acme/base");
        await MakeAsync("acme/child", "finetune", "acme/base");
        await CommitToAsync("acme/child", Add("README.md", Card));

        Assert.Empty(await AncestorsAsync("acme/child", 1));
        await MakeAsync("acme/child", "merge", "acme/base");
        Assert.Equal(["1 acme/child Merge of acme/base"], await DescendantsAsync("acme/base", 1));
        await Engineer.DeleteRepositoryAsync(new() { Name = "acme/child" }, cancellationToken: Cancel);
        Assert.Empty(await DescendantsAsync("acme/base", 1));
    }

    [Fact]
    public async Task Family_OfADuplicate_IsThatOfTheOriginal()
    {
        await MakeAsync("acme/base");
        await MakeAsync("acme/child", "finetune", "acme/base");
        await Engineer.DuplicateRepositoryAsync(new() { Name = "acme/child", NewName = "acme/twin" }, cancellationToken: Cancel);

        Assert.Equal(["1 acme/child Finetune of acme/base", "1 acme/twin Finetune of acme/base"], await DescendantsAsync("acme/base", 1));
    }

    [Fact]
    public async Task Family_InPages_IsWhole()
    {
        await MakeAsync("acme/base");
        for (var i = 0; i < 5; i++)
        {
            await MakeAsync($"acme/c{i}", "finetune", "acme/base");
        }

        var (names, token) = (new List<string>(), "");
        do
        {
            var page = await ListAsync(Engineer, new() { Name = "acme/base", PageSize = 2, PageToken = token });
            Assert.Equal((5L, false), (page.Total, page.Truncated));
            names.AddRange(page.Members.Select(member => member.Name));
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        Assert.Equal(["acme/c0", "acme/c1", "acme/c2", "acme/c3", "acme/c4"], names);
    }

    [Fact]
    public async Task ListFamily_BadRequest_SaysWhatIsWrong()
    {
        await MakeAsync("acme/base");

        Assert.Equal("BAD_DEPTH", await ReasonAsync(Engineer.ListFamilyAsync(new() { Name = "acme/base", Depth = 11 }, cancellationToken: Cancel)));
        Assert.Equal("BAD_PAGE_SIZE", await ReasonAsync(Engineer.ListFamilyAsync(new() { Name = "acme/base", PageSize = 101 }, cancellationToken: Cancel)));
        Assert.Equal("BAD_PAGE_TOKEN", await ReasonAsync(Engineer.ListFamilyAsync(new() { Name = "acme/base", PageToken = "x" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_VALUE", await ReasonAsync(Engineer.ListFamilyAsync(new() { Name = "acme/base", Relations = { (FamilyRelation)9 } }, cancellationToken: Cancel)));
        Assert.Equal("BAD_VALUE", await ReasonAsync(Engineer.ListFamilyAsync(new() { Name = "acme/base", Direction = (FamilyDirection)9 }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task Adapter_ConfigurationNamesAnother_IsKeptBesideAndContradicts()
    {
        await MakeAsync("acme/real");
        await MakeAsync("acme/said");
        await MakeAsync("acme/lora", "finetune", "acme/said");
        await CommitToAsync("acme/lora", Add("adapter_config.json", """{"peft_type":"LORA","base_model_name_or_path":"acme/real"}"""));

        var record = (await Engineer.ResolveRevisionAsync(new() { Name = "acme/lora" }, cancellationToken: Cancel)).Record;

        Assert.Equal(("acme/said", "acme/real", "adapter", "finetune"), (record.Declared.BaseModels.Single(), record.Measured.BaseModels.Single(), record.Measured.BaseModelRelation, record.BaseModelRelation));
        Assert.Equal(
            ["README.md declares base_model_relation 'finetune', and adapter_config.json says that it is an adapter", "README.md declares base_model acme/said, and the files name acme/real"],
            record.Contradictions);
        var bases = (await ListAsync(Engineer, new() { Name = "acme/lora", Direction = FamilyDirection.Ancestors })).Members;
        Assert.Equal(
            ["acme/real Adapter False True", "acme/said Finetune True False"], bases.Select(one => $"{one.Name} {one.Relation} {one.Declared} {one.Measured}"));
        await MakeAsync("acme/lora", "", "ACME/Real");
        var agreed = (await Engineer.ResolveRevisionAsync(new() { Name = "acme/lora" }, cancellationToken: Cancel)).Record;
        Assert.Equal(("adapter", 0), (agreed.BaseModelRelation, agreed.Contradictions.Count));
    }

    [Theory]
    [InlineData("{\"base_model_name_or_path\":\"\\ud800\"}")]
    [InlineData("{\"base_model_name_or_path\":7}")]
    [InlineData("{\"base_model_name_or_path\":")]
    public async Task Adapter_ConfigurationThatCannotBeRead_NamesNoBase(string configuration)
    {
        await CreateAsync();

        await CommitAsync(Add("README.md", Card), Add("adapter_config.json", configuration));

        Assert.Empty((await ListAsync(Engineer, new() { Name = Model, Direction = FamilyDirection.Ancestors })).Members);
    }

    [Fact]
    public async Task Gguf_MetadataNamesABase_IsATieWhereTheCardNamesNone()
    {
        await MakeAsync("acme/base");
        var file = Artifacts.Upload("acme", "weights", 100, facts: new() { Format = "gguf", BaseModels = { "acme/base" } });
        await MakeAsync("acme/q");
        await CommitToAsync("acme/q", Large("q.gguf", file));

        Assert.Equal(["1 acme/base Quantized of acme/q"], await AncestorsAsync("acme/q", 1));
        await MakeAsync("acme/q", "quantized", "acme/middle");
        Assert.Equal(["1 acme/middle Quantized of acme/q"], await AncestorsAsync("acme/q", 1));
        Assert.Empty((await Engineer.ResolveRevisionAsync(new() { Name = "acme/q" }, cancellationToken: Cancel)).Record.Contradictions);
    }

    [Fact]
    public async Task Ties_FromBeforeThereWereAny_AreReadAtStart()
    {
        await MakeAsync("acme/base");
        await MakeAsync("acme/child", "finetune", "acme/base");
        await using (var context = await Garden.PartsOf(ServiceNames.Catalog).GetRequiredService<IDbContextFactory<CatalogDbContext>>().CreateDbContextAsync(Cancel))
        {
            await context.Database.ExecuteSqlRawAsync("DELETE FROM family_ties", Cancel);
            await context.Database.ExecuteSqlRawAsync("UPDATE repositories SET family_version = 0", Cancel);
        }

        Assert.Empty(await DescendantsAsync("acme/base", 1));

        await Garden.PartsOf(ServiceNames.Catalog).GetServices<IHostedService>().OfType<FamilyWorker>().Single().ReadAllAsync(Cancel);

        Assert.Equal(["1 acme/child Finetune of acme/base"], await DescendantsAsync("acme/base", 1));
    }

    /// <summary>A model whose card names these bases; one that is there gets such a card.</summary>
    private async Task MakeAsync(string name, string relation = "", params string[] bases)
    {
        if ((await Engineer.ListRepositoriesAsync(new() { Owner = "acme" }, cancellationToken: Cancel)).Repositories.All(repository => repository.Name != name))
        {
            await CreateAsync(name);
        }

        var lines = (bases.Length > 0 ? $"base_model: [{string.Join(", ", bases)}]\n" : "") + (relation.Length > 0 ? $"base_model_relation: {relation}\n" : "");
        await CommitToAsync(name, Add("README.md", $"---\nlicense: mit\n{lines}---\n# A model\n"));
    }

    private async Task CommitToAsync(string name, params Operation[] operations) =>
        await Engineer.CreateCommitAsync(new() { Name = name, Summary = "change", Operations = { operations } }, cancellationToken: Cancel);

    private Task<IEnumerable<string>> DescendantsAsync(string name, int depth, params FamilyRelation[] relations) => LinesAsync(new() { Name = name, Depth = depth, Relations = { relations } });

    private Task<IEnumerable<string>> AncestorsAsync(string name, int depth) => LinesAsync(new() { Name = name, Depth = depth, Direction = FamilyDirection.Ancestors });

    private async Task<IEnumerable<string>> LinesAsync(ListFamilyRequest request) =>
        (await ListAsync(Engineer, request)).Members.Select(member => $"{member.Generation} {member.Name} {member.Relation} of {member.Of}");

    private static async Task<ListFamilyResponse> ListAsync(Contracts.V1.Catalog.CatalogClient client, ListFamilyRequest request) => await client.ListFamilyAsync(request, cancellationToken: Cancel);
}

public sealed class FamilyOnSqliteTests() : FamilyTests(Engine.Sqlite);

public sealed class FamilyOnPostgresTests() : FamilyTests(Engine.Postgres);
