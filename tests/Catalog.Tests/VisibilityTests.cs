using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Errors;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>Who sees what: every kind of principal against every state of a life.</summary>
public abstract class VisibilityTests(Engine engine) : CatalogContract(engine)
{
    private static readonly Dictionary<string, Principal> Everyone = new()
    {
        ["owner"] = People.Engineer(),
        ["legal"] = People.Person("leo", "acme", Roles.Legal),
        ["stranger"] = People.Admin("globex"),
        ["anonymous"] = People.Anonymous,
        ["curator"] = People.Curator,
        ["operator"] = People.Operator,
        ["service"] = People.Service("hub"),
        ["scopeless"] = Scopeless(),
    };

    [Theory]
    [InlineData("", Visibility.Garden, "owner legal curator operator service")]
    [InlineData("submit", Visibility.Garden, "owner legal curator operator service")]
    [InlineData("submit approve", Visibility.Garden, "owner legal curator operator service")]
    [InlineData("submit approve publish", Visibility.Garden, "owner legal stranger anonymous curator operator service scopeless")]
    [InlineData("submit approve publish", Visibility.Private, "owner legal curator operator service")]
    [InlineData("submit approve publish deprecate", Visibility.Garden, "owner legal stranger anonymous curator operator service scopeless")]
    [InlineData("submit approve publish submit", Visibility.Garden, "owner legal stranger anonymous curator operator service scopeless")]
    [InlineData("submit approve publish retire", Visibility.Garden, "owner legal curator operator service")]
    [InlineData("submit approve publish takedown", Visibility.Garden, "curator operator service")]
    [InlineData("takedown", Visibility.Garden, "curator operator service")]
    public async Task Repository_InState_IsSeenByExactlyThese(string steps, Visibility visibility, string expected)
    {
        await CreateAsync(visibility: visibility);
        await CommitAsync(Add("README.md", Card));
        foreach (var step in steps.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            await StepAsync(Enum.Parse<LifecycleAction>(step, ignoreCase: true), "because");
        }

        foreach (var (name, principal) in Everyone)
        {
            var sees = expected.Split(' ').Contains(name);
            var client = As(principal);
            Assert.Equal((name, sees), (name, await SeesAsync(client.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel))));
            Assert.Equal((name, sees), (name, await SeesAsync(client.ListTreeAsync(new() { Name = Model }, cancellationToken: Cancel))));
            var listed = await client.ListRepositoriesAsync(new(), cancellationToken: Cancel);
            Assert.Equal((name, sees), (name, listed.Repositories.Any(repository => repository.Name == Model)));
            var described = sees ? (await client.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Lifecycle : Lifecycle.Unspecified;
            foreach (var state in Enum.GetValues<Lifecycle>().Where(state => state is not Lifecycle.Unspecified))
            {
                var filtered = await client.ListRepositoriesAsync(new() { Lifecycle = state, Owner = "ACME" }, cancellationToken: Cancel);
                Assert.Equal((name, state, state == described), (name, state, filtered.Repositories.Count is 1));
            }
        }
    }

    [Fact]
    public async Task Revisions_SeenByStranger_ArePublishedOnesOnly()
    {
        var (_, published) = await PublishAsync();
        await Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/tags/v1" }, cancellationToken: Cancel);
        var draft = await CommitAsync(Add("secret", "1"));
        await Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/heads/dev" }, cancellationToken: Cancel);

        foreach (var revision in new[] { "", "HEAD", "main", "refs/heads/main", "v1", "refs/tags/v1", published.Id, published.Id[..8] })
        {
            Assert.Equal((revision, published.Id), (revision, (await Stranger.ResolveRevisionAsync(new() { Name = Model, Revision = revision }, cancellationToken: Cancel)).Commit));
        }

        foreach (var revision in new[] { "dev", "refs/heads/dev", draft.Id, draft.Id[..8], "nope", "\0" })
        {
            Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Stranger.ResolveRevisionAsync(new() { Name = Model, Revision = revision }, cancellationToken: Cancel)));
            Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Stranger.ReadFileAsync(new() { Name = Model, Revision = revision, Path = "README.md" }, cancellationToken: Cancel)));
        }

        Assert.Equal("PATH_NOT_FOUND", await ReasonAsync(Stranger.ReadFileAsync(new() { Name = Model, Path = "secret" }, cancellationToken: Cancel)));
        var refs = await Stranger.ListRefsAsync(new() { Name = Model }, cancellationToken: Cancel);
        Assert.Equal([("refs/heads/main", published.Id), ("refs/tags/v1", published.Id)], refs.Refs.Select(@ref => (@ref.Name, @ref.Commit)));
    }

    [Fact]
    public async Task Commits_SeenByStranger_ArePublishedOnesOnly()
    {
        var (_, first) = await PublishAsync();
        await CommitAsync(Add("between", "1"));
        var second = await CommitAsync(Add("more", "2"));
        await StepAsync(LifecycleAction.Submit);
        await StepAsync(LifecycleAction.Approve);
        await StepAsync(LifecycleAction.Publish);
        await CommitAsync(Add("draft", "3"));

        var theirs = await Stranger.ListCommitsAsync(new() { Name = Model, PageSize = 1 }, cancellationToken: Cancel);
        var rest = await Stranger.ListCommitsAsync(new() { Name = Model, PageSize = 1, PageToken = theirs.NextPageToken }, cancellationToken: Cancel);

        Assert.Equal((second.Id, 2, 0), (Assert.Single(theirs.Commits).Id, theirs.Total, theirs.Commits[0].Parents.Count));
        Assert.Equal((first.Id, ""), (Assert.Single(rest.Commits).Id, rest.NextPageToken));
        Assert.Equal(4, (await Engineer.ListCommitsAsync(new() { Name = Model }, cancellationToken: Cancel)).Commits.Count);
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Stranger.ListCommitsAsync(new() { Name = Model, PageToken = ForeignToken() }, cancellationToken: Cancel)));

        string ForeignToken() => PageToken.Write((Engineer.ListCommits(new() { Name = Model }, cancellationToken: Cancel)).Commits[0].Id, first.Id);
    }

    [Fact]
    public async Task Write_ByThoseWhoMayNot_IsRefusedWithoutTellingOfDrafts()
    {
        await CreateAsync();
        await CommitAsync(Add("README.md", Card));

        Assert.Equal("REPOSITORY_NOT_FOUND", await RefusedAsync(People.Engineer("globex")));
        Assert.Equal("NOT_YOUR_NAMESPACE", await RefusedAsync(People.Curator));
        Assert.Equal("ROLE_MISSING", await RefusedAsync(People.Person("leo", "acme", Roles.Legal)));
        Assert.Equal("SIGN_IN", await RefusedAsync(People.Anonymous));
        Assert.Equal("SCOPE_MISSING", await RefusedAsync(Scopeless()));
        await As(People.Operator).CreateCommitAsync(Request(Add("by operator", "x")), cancellationToken: Cancel);
        await As(People.Admin()).CreateCommitAsync(Request(Add("by admin", "x")), cancellationToken: Cancel);
        Assert.Equal("NOT_YOUR_NAMESPACE", await ReasonAsync(Stranger.CreateRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)));
    }

    private static Principal Scopeless()
    {
        var principal = People.Engineer().Clone();
        principal.Scopes.Clear();
        principal.Scopes.Add(Scopes.Call);
        return principal;
    }

    private static async Task<bool> SeesAsync<T>(AsyncUnaryCall<T> call)
    {
        try
        {
            await call;
            return true;
        }
        catch (RpcException exception) when (exception.ToError("catalog").Reason is "REPOSITORY_NOT_FOUND" or "REPOSITORY_TAKEN_DOWN")
        {
            return false;
        }
    }

    private Task<string> RefusedAsync(Principal who) => ReasonAsync(As(who).CreateCommitAsync(Request(Add("a", "1")), cancellationToken: Cancel));
}

public sealed class VisibilityOnSqliteTests() : VisibilityTests(Engine.Sqlite);

public sealed class VisibilityOnPostgresTests() : VisibilityTests(Engine.Postgres);
