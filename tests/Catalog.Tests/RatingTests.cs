using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>What cards declare and curators attest of a repository's content.</summary>
public abstract class RatingTests(Engine engine) : CatalogContract(engine)
{
    private const string Warning = "---\nlicense: apache-2.0\ntags: [small, Not-For-All-Audiences]\n---\n# Small llama\n";

    [Fact]
    public async Task Rating_DeclaredAndAttested_TheStricterWins()
    {
        var (published, _) = await PublishAsync();
        Assert.Equal((ContentRating.Unrated, ContentRating.Unrated), (published.AttestedRating, published.ContentRating));

        var general = await RateAsync(ContentRating.General);
        await CommitAsync(Add("README.md", Warning));
        var draft = await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);
        var others = await Stranger.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);
        var stricter = await RateAsync(ContentRating.Explicit);
        var declared = await RateAsync(ContentRating.Unrated);

        Assert.Equal((ContentRating.General, ContentRating.General), (general.AttestedRating, general.ContentRating));
        Assert.Equal((ContentRating.General, ContentRating.Sensitive), (draft.AttestedRating, draft.ContentRating));
        Assert.Equal((ContentRating.General, ContentRating.General), (others.AttestedRating, others.ContentRating));
        Assert.Equal((ContentRating.Explicit, ContentRating.Explicit), (stricter.AttestedRating, stricter.ContentRating));
        Assert.Equal((ContentRating.Unrated, ContentRating.Sensitive), (declared.AttestedRating, declared.ContentRating));
    }

    [Fact]
    public async Task Rate_Repository_IsAStepAndInTheFeedAndNoUpdate()
    {
        var (published, commit) = await PublishAsync();

        var rated = await RateAsync(ContentRating.Sensitive, "blood");
        await RateAsync(ContentRating.Sensitive, "said already");
        await RateAsync(ContentRating.Explicit, "much blood");

        Assert.Equal(published.UpdatedAt, rated.UpdatedAt);
        var told = await UntilAsync(published.Id, state => state.AttestedRating is ContentRating.Explicit);
        Assert.Equal((ContentRating.Explicit, published.UpdatedAt), (told.ContentRating, told.UpdatedAt));
        var steps = (await Engineer.ListLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel)).Steps;
        Assert.Equal(
            [("cora", "unrated became sensitive: blood", Lifecycle.Published, commit.Id), ("cora", "sensitive became explicit: much blood", Lifecycle.Published, commit.Id)],
            steps.Where(step => step.Action is LifecycleAction.Rate).Select(step => (step.Account, step.Comment, step.State, step.Revision)));
        var verified = await Engineer.VerifyLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel);
        Assert.Equal(("", steps.Count, steps[^1].Hash), (verified.Fault, verified.Steps, verified.Head));
    }

    [Fact]
    public async Task Rate_WhoMayNot_IsRefused()
    {
        await PublishAsync();
        foreach (var other in new[] { People.Engineer(), People.Admin(), People.Engineer("globex"), People.Person("leo", "acme", Roles.Legal, Roles.Auditor) })
        {
            Assert.Equal("ROLE_MISSING", await ReasonAsync(RateCall(other)));
        }

        Assert.Equal("SIGN_IN", await ReasonAsync(RateCall(People.Anonymous)));
        Assert.Equal("SCOPE_MISSING", await ReasonAsync(RateCall(People.Curator, Scopes.Read, Scopes.Write)));
        Assert.Equal(ContentRating.Sensitive, (await RateCall(People.Operator)).AttestedRating);
    }

    [Fact]
    public async Task Rate_BadRequests_AreRefusedWithTheirReason()
    {
        await PublishAsync();

        Assert.Equal("BAD_RATING", await ReasonAsync(Curator.RateRepositoryAsync(new() { Name = Model, Reason = "x" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_RATING", await ReasonAsync(Curator.RateRepositoryAsync(new() { Name = Model, Reason = "x", Rating = (ContentRating)9 }, cancellationToken: Cancel)));
        Assert.Equal("COMMENT_MISSING", await ReasonAsync(Curator.RateRepositoryAsync(new() { Name = Model, Reason = " ", Rating = ContentRating.General }, cancellationToken: Cancel)));
        Assert.Equal("BAD_COMMENT", await ReasonAsync(Curator.RateRepositoryAsync(new() { Name = Model, Reason = new('x', 4097), Rating = ContentRating.General }, cancellationToken: Cancel)));
        Assert.Equal("BAD_COMMENT", await ReasonAsync(Curator.RateRepositoryAsync(new() { Name = Model, Reason = "x\0", Rating = ContentRating.General }, cancellationToken: Cancel)));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Curator.RateRepositoryAsync(new() { Name = "acme/none", Reason = "x", Rating = ContentRating.General }, cancellationToken: Cancel)));
        Assert.Equal("BAD_ACTION", await ReasonAsync(Curator.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Rate }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task Rating_OfWhatIsDuplicatedOrInACollection_ComesAlong()
    {
        await CreateAsync();
        await CommitAsync(Add("README.md", Warning));
        var collection = (await Engineer.CreateCollectionAsync(new() { Owner = "acme", Title = "One" }, cancellationToken: Cancel)).Collection;

        var shown = await Engineer.AddCollectionItemAsync(new() { Slug = collection.Slug, Repository = new() { Name = Model } }, cancellationToken: Cancel);
        await RateAsync(ContentRating.Explicit);
        var copy = await Engineer.DuplicateRepositoryAsync(new() { Name = Model, NewName = "acme/copy" }, cancellationToken: Cancel);

        Assert.Equal(ContentRating.Sensitive, shown.Items[0].Repository.ContentRating);
        Assert.Equal(ContentRating.Explicit, copy.AttestedRating);
    }

    private async Task<Repository> RateAsync(ContentRating rating, string reason = "looked at") =>
        await Curator.RateRepositoryAsync(new() { Name = Model, Rating = rating, Reason = reason }, cancellationToken: Cancel);

    private Grpc.Core.AsyncUnaryCall<Repository> RateCall(Principal principal, params string[] scopes)
    {
        var caller = new Principal(principal);
        if (scopes.Length > 0)
        {
            caller.Scopes.Clear();
            caller.Scopes.Add(scopes);
        }

        return As(caller).RateRepositoryAsync(new() { Name = Model, Rating = ContentRating.Sensitive, Reason = "looked at" }, cancellationToken: Cancel);
    }
}

public sealed class RatingOnSqliteTests() : RatingTests(Engine.Sqlite);

public sealed class RatingOnPostgresTests() : RatingTests(Engine.Postgres);
