using ModelGarden.Contracts.V1;

namespace ModelGarden.Catalog.Tests;

/// <summary>A repository's own gate, and the form of who wants through it.</summary>
public abstract class GateTests(Engine engine) : CatalogContract(engine)
{
    private const string Asking = "---\nlicense: apache-2.0\nextra_gated_heading: Hello\nextra_gated_prompt: Be good\nextra_gated_description: All of it\nextra_gated_button_content: Go\n"
        + "extra_gated_fields:\n  Company: text\n  For:\n    type: select\n    options: [Research, {label: Other, value: other}]\n---\n# Gated\n";

    [Fact]
    public async Task Gate_Set_IsToldToAllAndInTheFeed_AndLeavesTheRest()
    {
        var (published, _) = await PublishAsync();
        Assert.Equal(AccessGate.None, published.Gate);

        var manual = await Engineer.UpdateRepositoryAsync(new() { Name = Model, Gate = AccessGate.Manual }, cancellationToken: Cancel);
        var untouched = await Engineer.UpdateRepositoryAsync(new() { Name = Model, Visibility = Visibility.Garden }, cancellationToken: Cancel);

        Assert.Equal((AccessGate.Manual, published.Visibility, published.Source), (manual.Gate, manual.Visibility, manual.Source));
        Assert.Equal(AccessGate.Manual, untouched.Gate);
        Assert.Equal(AccessGate.Manual, (await Stranger.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Gate);
        Assert.Equal(AccessGate.Manual, (await Stranger.ResolveRevisionAsync(new() { Name = Model }, cancellationToken: Cancel)).Repository.Gate);
        Assert.Equal(AccessGate.Manual, (await Stranger.GetEntriesAsync(new() { Name = Model, Paths = { "config.json" } }, cancellationToken: Cancel)).Repository.Gate);
        Assert.Equal(AccessGate.Manual, (await UntilAsync(published.Id, state => state.Gate is not AccessGate.None)).Gate);
        Assert.Equal(AccessGate.None, (await Engineer.UpdateRepositoryAsync(new() { Name = Model, Gate = AccessGate.None }, cancellationToken: Cancel)).Gate);
    }

    [Fact]
    public async Task Gate_OfAPack_IsSaidBeforeItsObjects()
    {
        var (_, commit) = await PublishAsync();
        await Engineer.UpdateRepositoryAsync(new() { Name = Model, Gate = AccessGate.Automatic }, cancellationToken: Cancel);

        var (start, _) = await ReadPackAsync(Stranger, [commit.Id]);

        Assert.Equal((Model, AccessGate.Automatic, null), (start.Described.Name, start.Described.Gate, start.Described.Record));
    }

    [Fact]
    public async Task Gate_ThatIsNoneOrNotOnesOwn_IsRefused()
    {
        await PublishAsync();

        Assert.Equal("BAD_VALUE", await ReasonAsync(Engineer.UpdateRepositoryAsync(new() { Name = Model, Gate = (AccessGate)9 }, cancellationToken: Cancel)));
        Assert.Equal("NOT_YOUR_NAMESPACE", await ReasonAsync(Stranger.UpdateRepositoryAsync(new() { Name = Model, Gate = AccessGate.None }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task Form_IsOfTheCardThatTheAskerSees()
    {
        await PublishAsync();
        await CommitAsync(Add("README.md", Asking));

        var draft = await Engineer.GetAccessFormAsync(new() { Name = Model }, cancellationToken: Cancel);
        var published = await Stranger.GetAccessFormAsync(new() { Name = Model }, cancellationToken: Cancel);

        Assert.Equal(
            new AccessForm
            {
                Heading = "Hello",
                Prompt = "Be good",
                Description = "All of it",
                ButtonContent = "Go",
                Fields =
                {
                    new AccessField { Name = "Company", Type = "text" },
                    new AccessField { Name = "For", Type = "select", Options = { new AccessOption { Label = "Research", Value = "Research" }, new AccessOption { Label = "Other", Value = "other" } } },
                },
            },
            draft.Form);
        Assert.Equal((Model, new AccessForm()), (published.Repository.Name, published.Form));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Stranger.GetAccessFormAsync(new() { Name = "acme/nothing" }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task Form_OfARepositoryWithoutACommitOrCard_IsEmpty()
    {
        await CreateAsync();
        Assert.Equal(new AccessForm(), (await Engineer.GetAccessFormAsync(new() { Name = Model }, cancellationToken: Cancel)).Form);

        await CommitAsync(Add("config.json", "{}"));

        Assert.Equal(new AccessForm(), (await Engineer.GetAccessFormAsync(new() { Name = Model }, cancellationToken: Cancel)).Form);
    }

    [Fact]
    public async Task Card_WithAFormThatCannotBe_IsRefusedByLineAndField()
    {
        await CreateAsync();

        var refused = await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => CommitAsync(Add("README.md", "---\nlicense: mit\nextra_gated_fields:\n  Shoe size: number\n---\n")));

        Assert.Contains("line 4, field extra_gated_fields.Shoe size", refused.Status.Detail, StringComparison.Ordinal);
    }
}

public sealed class GateOnSqliteTests() : GateTests(Engine.Sqlite);

public sealed class GateOnPostgresTests() : GateTests(Engine.Postgres);
