using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Formats;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>Cards as people read them.</summary>
public abstract class CardTests(Engine engine) : CatalogContract(engine)
{
    [Fact]
    public async Task ReadCard_OfARevision_IsItsFrontMatterItsProblemsAndItsText()
    {
        await CreateAsync();
        const string Text = "# Small\n\n**Bold** [use](docs/use.md) ![a](a.png)<script>alert(1)</script>\n";
        var first = await CommitAsync(Add("README.md", $"---\nlicense: mitt\ntags: [a, 1]\n---\n{Text}"));
        var second = await CommitAsync(Add("README.md", "no front matter"));

        var card = await ReadAsync(Engineer, first.Id[..7]);
        var plain = await ReadAsync(Engineer);

        Assert.Equal((first.Id, """{"license":"mitt","tags":["a",1]}""", Text), (card.Commit, card.CardJson, card.Markdown));
        Assert.Equal(["warning 2 license"], card.Issues.Select(issue => $"{issue.Severity} {issue.Line} {issue.Field}"));
        Assert.Equal(
            "<h1 id=\"user-content-small\">Small</h1>\n<p><strong>Bold</strong> "
            + $"<a href=\"/acme/llama/blob/{first.Id}/docs/use.md\" rel=\"nofollow noopener noreferrer ugc\">use</a> "
            + $"<img src=\"/acme/llama/resolve/{first.Id}/a.png\" alt=\"a\" loading=\"lazy\" referrerpolicy=\"no-referrer\"></p>\n",
            card.Html);
        Assert.Equal((second.Id, "{}", "no front matter", "<p>no front matter</p>\n"), (plain.Commit, plain.CardJson, plain.Markdown, plain.Html));
        Assert.Empty(card.Omitted);
    }

    [Fact]
    public async Task ReadCard_OfADataSet_LeadsIntoIt()
    {
        await Engineer.CreateRepositoryAsync(new() { Name = Model, Kind = RepositoryKind.Dataset }, cancellationToken: Cancel);
        var commit = await Engineer.CreateCommitAsync(new() { Name = Model, Kind = RepositoryKind.Dataset, Summary = "card", Operations = { Add("README.md", "[a](b)") } }, cancellationToken: Cancel);

        Assert.Contains($"\"/datasets/acme/llama/blob/{commit.Id}/b\"", (await ReadAsync(Engineer)).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadCard_WithTooMuchInIt_SaysWhatIsMissing()
    {
        await CreateAsync();
        await CommitAsync(Add("README.md", new string('>', 1000)));

        var card = await ReadAsync(Engineer);

        Assert.Contains("nested too deep", Assert.Single(card.Omitted), StringComparison.Ordinal);
        Assert.Equal(1000, card.Markdown.Length);
    }

    [Fact]
    public async Task ReadCard_WhereThereIsNone_IsNotFound()
    {
        await CreateAsync();
        Assert.Equal("CARD_NOT_FOUND", await ReasonAsync(ReadingAsync(Engineer)));
        await CommitAsync(Add("docs/README.md", "not the card"));

        Assert.Equal("CARD_NOT_FOUND", await ReasonAsync(ReadingAsync(Engineer)));
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(ReadingAsync(Engineer, "nowhere")));
    }

    [Fact]
    public async Task ReadCard_ByOthers_IsOfWhatTheySee()
    {
        var (_, published) = await PublishAsync();
        var draft = await CommitAsync(Add("README.md", "a draft"));

        Assert.Equal(published.Id, (await ReadAsync(As(People.Anonymous))).Commit);
        Assert.Equal(draft.Id, (await ReadAsync(Engineer)).Commit);
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(ReadingAsync(Stranger, draft.Id)));
        // As if it had been examined by older rules alone: whoever may not read the file may not read the card.
        await using var context = Contexts();
        await context.Repositories.ExecuteUpdateAsync(update => update.SetProperty(row => row.RulesVersion, FileExaminer.RulesVersion - 1), Cancel);
        Assert.Equal("FILE_NOT_CLEAN", await ReasonAsync(ReadingAsync(Stranger)));
        Assert.Equal("a draft", (await ReadAsync(Engineer)).Markdown);
    }

    [Fact]
    public async Task ReadCard_OfAPrivateRepository_IsForItsPeople()
    {
        await CreateAsync(visibility: Visibility.Private);
        await CommitAsync(Add("README.md", Card));

        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(ReadingAsync(Stranger)));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(ReadingAsync(As(People.Anonymous))));
    }

    [Fact]
    public async Task ReadCard_OfWhatIsNoText_SaysSo()
    {
        // In the history behind a push such files may be, where nobody can mend them.
        await CreateAsync();
        var push = new PushBuilder(Model);
        var bytes = push.Commit(push.Tree(("100644", "README.md", push.Object(GitObjectType.Blob, [0xff, 0xfe, 0x41]))));
        var large = push.Commit(push.File("README.md", $"version https://git-lfs.github.com/spec/v1\noid sha256:{Artifacts.Upload("acme", "long", 2_000_000).Sha256}\nsize 2000000\n"), bytes);
        var head = push.Commit(push.File("README.md", "text"), large);
        Assert.Equal([""], await push.Move("refs/heads/main", "", head).PushAsync(Engineer, Cancel));

        var card = await ReadAsync(Engineer, bytes);

        Assert.Equal(("{}", "", "", "error 1 README.md is not UTF-8 text: save it as UTF-8"), (card.CardJson, card.Markdown, card.Html, $"{card.Issues[0].Severity} {card.Issues[0].Line} {card.Issues[0].Message}"));
        Assert.Equal("CARD_NOT_FOUND", await ReasonAsync(ReadingAsync(Engineer, large)));
        Assert.Equal("text", (await ReadAsync(Engineer)).Markdown);
    }

    private static Grpc.Core.AsyncUnaryCall<ReadCardResponse> ReadingAsync(Contracts.V1.Catalog.CatalogClient client, string revision = "") =>
        client.ReadCardAsync(new() { Name = Model, Revision = revision }, cancellationToken: Cancel);

    private static async Task<ReadCardResponse> ReadAsync(Contracts.V1.Catalog.CatalogClient client, string revision = "") => await ReadingAsync(client, revision);
}

public sealed class CardOnSqliteTests() : CardTests(Engine.Sqlite);

public sealed class CardOnPostgresTests() : CardTests(Engine.Postgres);
