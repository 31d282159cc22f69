using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>Repositories under other names, and found by those that they had.</summary>
public abstract class MoveTests(Engine engine) : CatalogContract(engine)
{
    private const string Other = "acme/alpaca";

    [Fact]
    public async Task MoveRepository_ToAnotherName_IsFoundByBoth()
    {
        var made = await CreateAsync();
        var commit = await CommitAsync(Add("a", "1"));

        var moved = await MoveAsync(Model, Other);

        Assert.Equal((made.Id, Other, commit.Id), (moved.Id, moved.Name, moved.Head));
        Assert.Equal("alpaca", moved.Record.Declared.Title);
        Assert.Equal((Other, ""), await FindAsync(Engineer, Other));
        Assert.Equal((Other, Other), await FindAsync(Engineer, "ACME/Llama"));
        Assert.Equal("1", (await Engineer.ReadFileAsync(new() { Name = Model, Path = "a" }, cancellationToken: Cancel)).Content.ToStringUtf8());
        await CommitAsync(Add("a", "by the old name"));
        Assert.Equal(2, (await Engineer.ListCommitsAsync(new() { Name = Other }, cancellationToken: Cancel)).Total);
        Assert.Equal([Other], (await Engineer.ListRepositoriesAsync(new() { Owner = "acme" }, cancellationToken: Cancel)).Repositories.Select(one => one.Name));
    }

    [Fact]
    public async Task MoveRepository_Any_IsToldInTheHistoryAndTheFeed()
    {
        var (made, commit) = await PublishAsync();

        await MoveAsync(Model, Other);

        var step = (await Engineer.ListLifecycleAsync(new() { Name = Other }, cancellationToken: Cancel)).Steps[^1];
        Assert.Equal((LifecycleAction.Move, Lifecycle.Published, commit.Id, "acme/llama became acme/alpaca"), (step.Action, step.State, step.Revision, step.Comment));
        var state = await UntilAsync(made.Id, state => state.Name == Other);
        Assert.Equal((commit.Id, commit.Id), (state.Record.Revision, state.PublishedRecord.Revision));
        Assert.Equal((Other, Other), await FindAsync(Stranger, Model));
        Assert.Equal("BAD_ACTION", await ReasonAsync(Curator.ChangeLifecycleAsync(new() { Name = Other, Action = LifecycleAction.Move }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task OldName_TakenByANewRepository_IsThatOnesForEver()
    {
        var moved = await CreateAsync();
        await MoveAsync(Model, Other);

        var taker = await CreateAsync();
        Assert.NotEqual(moved.Id, taker.Id);
        Assert.Equal((Model, ""), await FindAsync(Engineer, Model));
        await Engineer.DeleteRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);

        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)));
        Assert.Equal((Other, ""), await FindAsync(Engineer, Other));
    }

    [Fact]
    public async Task OldName_TakenByAnotherThatMoves_IsThatOnes()
    {
        await CreateAsync();
        await MoveAsync(Model, Other);
        var third = await CreateAsync("acme/third");

        await MoveAsync("acme/third", Model);

        Assert.Equal(third.Id, (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Id);
        Assert.Equal((Model, Model), await FindAsync(Engineer, "acme/third"));
    }

    [Fact]
    public async Task OldName_OfADeletedRepository_LeadsNowhere()
    {
        await CreateAsync();
        await MoveAsync(Model, Other);
        await Engineer.DeleteRepositoryAsync(new() { Name = Other }, cancellationToken: Cancel);

        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)));
        await CreateAsync(Other);
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task MoveRepository_ThereAndBack_LeavesOneWayOnly()
    {
        var made = await CreateAsync();
        await MoveAsync(Model, Other);
        await MoveAsync(Other, Model);
        await MoveAsync(Model, "acme/Llama");

        Assert.Equal(("acme/Llama", ""), await FindAsync(Engineer, Model));
        Assert.Equal(("acme/Llama", "acme/Llama"), await FindAsync(Engineer, Other));
        Assert.Equal(made.Id, (await MoveAsync("acme/Llama", "acme/Llama")).Id);
        Assert.Equal(3, (await Engineer.ListLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel)).Steps.Count);
    }

    [Fact]
    public async Task MoveRepository_ToATakenName_IsRefused()
    {
        await CreateAsync();
        await CreateAsync(Other);
        await Engineer.CreateRepositoryAsync(new() { Name = "acme/data", Kind = RepositoryKind.Dataset }, cancellationToken: Cancel);

        Assert.Equal("REPOSITORY_EXISTS", await ReasonAsync(MovingAsync(Engineer, Model, "ACME/Alpaca")));
        Assert.Equal("BAD_REPOSITORY_NAME", await ReasonAsync(MovingAsync(Engineer, Model, "noslash")));
        Assert.Equal("BAD_REPOSITORY_NAME", await ReasonAsync(MovingAsync(As(People.Operator), Model, "garden/v1")));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(MovingAsync(Engineer, "acme/none", "acme/some")));
        // Of another kind it is another name.
        Assert.Equal("acme/data", (await MoveAsync(Model, "acme/data")).Name);
    }

    [Fact]
    public async Task MoveRepository_BetweenNamespaces_NeedsBothAndFollowsTheOwner()
    {
        await CreateAsync();
        var published = await CommitAsync(Add("README.md", Card));
        Assert.Equal("NOT_YOUR_NAMESPACE", await ReasonAsync(MovingAsync(Engineer, Model, "globex/llama")));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(MovingAsync(Stranger, Model, "globex/llama")));

        await As(People.Operator).MoveRepositoryAsync(new() { Name = Model, NewName = "globex/llama" }, cancellationToken: Cancel);

        // A draft of theirs now: of the way there its old owners are told nothing.
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)));
        Assert.Equal(("globex/llama", "globex/llama"), await FindAsync(Stranger, Model));
        await Stranger.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Submit, Revision = published.Id }, cancellationToken: Cancel);
        await Curator.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Approve }, cancellationToken: Cancel);
        await Curator.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Publish }, cancellationToken: Cancel);
        // Now they see it, and still do not write: the name that they ask by is theirs, the repository is not.
        Assert.Equal(("globex/llama", "globex/llama"), await FindAsync(Engineer, Model));
        Assert.Equal("NOT_YOUR_NAMESPACE", await ReasonAsync(Engineer.CreateCommitAsync(Request(Add("a", "1")), cancellationToken: Cancel)));
        Assert.Equal("NOT_YOUR_NAMESPACE", await ReasonAsync(MovingAsync(Engineer, Model, "acme/mine")));
        await Stranger.CreateCommitAsync(Request(Add("a", "1")), cancellationToken: Cancel);
    }

    [Fact]
    public async Task DeleteRepository_ByAnOldName_IsRefused()
    {
        await CreateAsync();
        await MoveAsync(Model, Other);

        var error = await ErrorAsync(Engineer.DeleteRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel));

        Assert.Equal(("REPOSITORY_MOVED", true), (error.Reason, error.Message.Contains(Other, StringComparison.Ordinal)));
        Assert.Equal((Other, ""), await FindAsync(Engineer, Other));
    }

    [Fact]
    public async Task DeleteAndUpdateRepository_OfAKind_LeaveTheOther()
    {
        await CreateAsync();
        var data = await Engineer.CreateRepositoryAsync(new() { Name = Model, Kind = RepositoryKind.Dataset }, cancellationToken: Cancel);

        await Engineer.UpdateRepositoryAsync(new() { Name = Model, Kind = RepositoryKind.Dataset, Visibility = Visibility.Private }, cancellationToken: Cancel);
        Assert.Equal(Visibility.Garden, (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Visibility);
        await Engineer.DeleteRepositoryAsync(new() { Name = Model, Kind = RepositoryKind.Dataset }, cancellationToken: Cancel);

        Assert.NotEqual(data.Id, (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Id);
    }

    [Fact]
    public async Task MoveRepository_ManyToOneName_OneGetsIt()
    {
        var names = Enumerable.Range(0, 6).Select(i => $"acme/m{i}").ToList();
        foreach (var name in names)
        {
            await CreateAsync(name);
        }

        var outcomes = await Task.WhenAll(names.Select(async name =>
        {
            try
            {
                return (await MoveAsync(name, Model)).Id;
            }
            catch (RpcException exception) when (exception.StatusCode is StatusCode.AlreadyExists)
            {
                return "";
            }
        }));

        var winner = Assert.Single(outcomes, id => id.Length > 0);
        Assert.Equal(winner, (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Id);
        Assert.Equal(6, (await Engineer.ListRepositoriesAsync(new() { Owner = "acme" }, cancellationToken: Cancel)).Repositories.Count);
    }

    [Fact]
    public async Task MoveRepository_TooOften_IsRefused()
    {
        await CreateAsync("acme/n0");
        for (var i = 0; i < 100; i++)
        {
            await MoveAsync($"acme/n{i}", $"acme/n{i + 1}");
        }

        Assert.Equal("TOO_MANY_NAMES", await ReasonAsync(MovingAsync(Engineer, "acme/n100", "acme/n101")));
        Assert.Equal(("acme/n100", "acme/n100"), await FindAsync(Engineer, "acme/n0"));
    }

    private AsyncUnaryCall<Repository> MovingAsync(Contracts.V1.Catalog.CatalogClient client, string from, string to) =>
        client.MoveRepositoryAsync(new() { Name = from, NewName = to }, cancellationToken: Cancel);

    private async Task<Repository> MoveAsync(string from, string to) => await MovingAsync(Engineer, from, to);

    /// <summary>The name that it has, and the one that is said beside the answer.</summary>
    private async Task<(string Name, string Trailer)> FindAsync(Contracts.V1.Catalog.CatalogClient client, string name)
    {
        using var call = client.GetRepositoryAsync(new() { Name = name }, cancellationToken: Cancel);
        var found = await call;
        return (found.Name, call.GetTrailers().GetValue("garden-moved-to") ?? "");
    }
}

public sealed class MoveOnSqliteTests() : MoveTests(Engine.Sqlite);

public sealed class MoveOnPostgresTests() : MoveTests(Engine.Postgres);
