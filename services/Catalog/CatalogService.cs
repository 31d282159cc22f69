using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Cards;
using ModelGarden.Catalog.Collections;
using ModelGarden.Catalog.Commits;
using ModelGarden.Catalog.Comparing;
using ModelGarden.Catalog.Discussions;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Families;
using ModelGarden.Catalog.Lifecycles;
using ModelGarden.Catalog.Merging;
using ModelGarden.Catalog.Moderation;
using ModelGarden.Catalog.Origins;
using ModelGarden.Catalog.Packs;
using ModelGarden.Catalog.Popularity;
using ModelGarden.Catalog.Pushes;
using ModelGarden.Catalog.Reading;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;
using ModelGarden.Catalog.Webhooks;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog;

/// <summary>The catalog's RPCs (git's are in <c>CatalogService.Git.cs</c>, collections' and popularity's in <c>CatalogService.Collections.cs</c>, curation's and families' in <c>CatalogService.Curation.cs</c>, webhooks' in <c>CatalogService.Webhooks.cs</c>, moderation's in <c>CatalogService.Moderation.cs</c>, origins' in <c>CatalogService.Origins.cs</c>): parses, finds what the caller may see, asks the domain, answers.</summary>
internal sealed partial class CatalogService(
    IDbContextFactory<CatalogDbContext> contexts,
    RepositoryDirectory directory,
    FileReading reading,
    TensorLists tensors,
    Committer committer,
    References references,
    LifecycleDesk desk,
    PackReading packs,
    LargeFileList largeFiles,
    Pusher pusher,
    PushRoom room,
    RevisionComparison comparison,
    LineComparison lines,
    Squasher squasher,
    RepositoryMoves moves,
    Duplicator duplicator,
    OriginDesk origins,
    OriginReading originReading,
    Merger merger,
    DiscussionDesk discussions,
    CollectionDesk collections,
    FeatureDesk features,
    LikeDesk likes,
    DownloadCounter downloads,
    WebhookDesk webhooks,
    PublicationChecks checks,
    RatingDesk ratings,
    ReportDesk reports,
    ReportDecisions decisions,
    VariationReading variations,
    TimeProvider clock)
    : Contracts.V1.Catalog.CatalogBase
{
    private const int MaximumCard = 1 << 20;
    private const int MaximumUsedFiles = 1000;
    private const string MovedTrailer = "garden-moved-to";

    public override async Task<Repository> CreateRepository(CreateRepositoryRequest request, ServerCallContext context)
    {
        var name = RepositoryName.Create(request.Name).OrThrow();
        Known(request.Kind);
        Known(request.Visibility);
        return (await directory.CreateAsync(name, request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<Repository> GetRepository(GetRepositoryRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        return await RepositoryDirectory.DescribeAsync(database, repository, context.CancellationToken);
    }

    public override async Task<DeleteRepositoryResponse> DeleteRepository(DeleteRepositoryRequest request, ServerCallContext context)
    {
        var repository = await FindToWriteAsync(request.Name, request.Kind, context);
        if (!IsNamed(repository, request.Name))
        {
            throw new ErrorException(Error.Conflict("REPOSITORY_MOVED", $"'{Text.Shorten(request.Name)}' is called {repository.Row.Name} now: delete it by that name"));
        }

        (await directory.DeleteAsync(repository, context.CancellationToken)).OrThrow();
        return new();
    }

    public override async Task<Repository> UpdateRepository(UpdateRepositoryRequest request, ServerCallContext context)
    {
        Known(request.Visibility);
        Known(request.Gate);
        var repository = await FindToWriteAsync(request.Name, request.Kind, context);
        return (await directory.UpdateAsync(repository, request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<ListRepositoriesResponse> ListRepositories(ListRepositoriesRequest request, ServerCallContext context) =>
        (await directory.ListAsync(request, context.GetCaller(), context.CancellationToken)).OrThrow();

    public override async Task<ResolveRevisionResponse> ResolveRevision(ResolveRevisionRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        return (await reading.ResolveAsync(database, repository, request.Revision, context.CancellationToken)).OrThrow();
    }

    public override async Task<Commit> CreateCommit(CreateCommitRequest request, ServerCallContext context)
    {
        var plan = CommitPlan.Read(request).OrThrow();
        var repository = await FindToWriteAsync(request.Name, request.Kind, context);
        return (await committer.CommitAsync(repository, plan, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<ListCommitsResponse> ListCommits(ListCommitsRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        return (await History.ListAsync(database, repository, request, context.CancellationToken)).OrThrow();
    }

    public override async Task<ListRefsResponse> ListRefs(ListRefsRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        return await References.ListAsync(database, repository, context.CancellationToken);
    }

    public override async Task<Ref> CreateRef(CreateRefRequest request, ServerCallContext context)
    {
        var name = RefName.Create(request.Ref).OrThrow();
        var repository = await FindToWriteAsync(request.Name, request.Kind, context);
        return (await references.CreateAsync(repository, name, request, context.CancellationToken)).OrThrow();
    }

    public override async Task<DeleteRefResponse> DeleteRef(DeleteRefRequest request, ServerCallContext context)
    {
        var repository = await FindToWriteAsync(request.Name, request.Kind, context);
        (await references.DeleteAsync(repository, request.Ref, context.CancellationToken)).OrThrow();
        return new();
    }

    public override async Task<ListTreeResponse> ListTree(ListTreeRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        return (await reading.ListAsync(database, repository, request, context.CancellationToken)).OrThrow();
    }

    public override async Task<GetEntriesResponse> GetEntries(GetEntriesRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        return (await reading.GetAsync(database, repository, request, context.CancellationToken)).OrThrow();
    }

    public override async Task<ListFindingsResponse> ListFindings(ListFindingsRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        return (await reading.ListFindingsAsync(database, repository, request.Revision, context.CancellationToken)).OrThrow();
    }

    public override async Task<FilterUsedFilesResponse> FilterUsedFiles(FilterUsedFilesRequest request, ServerCallContext context)
    {
        if (request.Sha256.Count > MaximumUsedFiles)
        {
            throw new ErrorException(Error.Invalid("TOO_MANY_FILES", $"{request.Sha256.Count} files are asked for, at most {MaximumUsedFiles} may be"));
        }

        await using var database = await OpenAsync(context);
        var digests = request.Sha256.Select(text => Sha256Digest.Create(text).OrThrow().Hex).ToHashSet();
        return new() { Sha256 = { await database.LargeFiles.Where(file => digests.Contains(file.Sha256)).Select(file => file.Sha256).Distinct().ToListAsync(context.CancellationToken) } };
    }

    public override async Task<FilterUsedHoldsResponse> FilterUsedHolds(FilterUsedHoldsRequest request, ServerCallContext context)
    {
        if (request.Holds.Count > MaximumUsedFiles)
        {
            throw new ErrorException(Error.Invalid("TOO_MANY_FILES", $"{request.Holds.Count} files of tenants are asked for, at most {MaximumUsedFiles} may be"));
        }

        await using var database = await OpenAsync(context);
        var digests = request.Holds.Select(hold => Sha256Digest.Create(hold.Sha256).OrThrow().Hex).ToHashSet();
        var tenants = request.Holds.Select(hold => hold.Tenant).ToHashSet();
        var used = await database.LargeFiles.Where(file => digests.Contains(file.Sha256))
            .Join(database.Repositories.Where(row => tenants.Contains(row.Owner)), file => file.RepositoryId, row => row.Id, (file, row) => new { file.Sha256, row.Owner })
            .Distinct().ToListAsync(context.CancellationToken);
        var pairs = used.Select(one => (one.Sha256, one.Owner)).ToHashSet();
        return new() { Holds = { request.Holds.Where(hold => pairs.Contains((hold.Sha256, hold.Tenant))) } };
    }

    public override async Task<ReadFileResponse> ReadFile(ReadFileRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        return (await reading.ReadAsync(database, repository, request, context.CancellationToken)).OrThrow();
    }

    public override async Task<ListTensorsResponse> ListTensors(ListTensorsRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        return (await tensors.ListAsync(database, repository, request, context.CancellationToken)).OrThrow();
    }

    public override async Task<GetAccessFormResponse> GetAccessForm(GetAccessFormRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        var card = await reading.FindCardAsync(database, repository, context.CancellationToken);
        return new() { Repository = repository.Describe(null), Form = CardReading.FormOf(card) };
    }

    public override async Task<ReadCardResponse> ReadCard(ReadCardRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        return (await reading.ReadCardAsync(database, repository, request.Revision, context.CancellationToken)).OrThrow();
    }

    public override Task<CheckCardResponse> CheckCard(CheckCardRequest request, ServerCallContext context) => request.Content.Length <= MaximumCard
        ? Task.FromResult(new CheckCardResponse { Issues = { CardReading.Check(request.Content) } })
        : throw new ErrorException(Error.Invalid("CARD_TOO_LARGE", $"the card is longer than {MaximumCard} characters"));

    public override async Task<CompareRevisionsResponse> CompareRevisions(CompareRevisionsRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        return (await comparison.CompareAsync(database, repository, request, context.CancellationToken)).OrThrow();
    }

    public override async Task<DiffRevisionsResponse> DiffRevisions(DiffRevisionsRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        return (await lines.DiffAsync(database, repository, request, context.CancellationToken)).OrThrow();
    }

    public override async Task<Commit> SquashBranch(SquashBranchRequest request, ServerCallContext context)
    {
        var plan = CommitPlan.Read(new() { Branch = request.Branch, Parent = request.Parent, Summary = request.Summary, Description = request.Description }).OrThrow();
        var repository = await FindToWriteAsync(request.Name, request.Kind, context);
        return (await squasher.SquashAsync(repository, plan, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<MergeRevisionResponse> MergeRevision(MergeRevisionRequest request, ServerCallContext context)
    {
        var into = request.Branch.Length > 0 ? request.Branch : "main";
        var summary = request.Summary.Length > 0 ? request.Summary : $"Merge '{Text.Shorten(request.Revision)}' into {Text.Shorten(into)}";
        var plan = CommitPlan.Read(new() { Branch = request.Branch, Parent = request.Parent, Summary = summary, Description = request.Description }).OrThrow();
        var repository = await FindToWriteAsync(request.Name, request.Kind, context);
        return (await merger.MergeAsync(repository, plan, request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<Discussion> OpenDiscussion(OpenDiscussionRequest request, ServerCallContext context)
    {
        var repository = request.PullRequest ? await FindToWriteAsync(request.Name, request.Kind, context) : await FindAloneAsync(request.Name, request.Kind, context);
        return (await discussions.OpenAsync(repository, request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<ListDiscussionsResponse> ListDiscussions(ListDiscussionsRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        return (await DiscussionReading.ListAsync(database, repository, request, context.CancellationToken)).OrThrow();
    }

    public override async Task<DiscussionDetails> GetDiscussion(GetDiscussionRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        var found = (await DiscussionReading.FindAsync(database.Discussions, repository, request.Number, context.CancellationToken)).OrThrow();
        var details = await DiscussionReading.DescribeAsync(database, found, context.CancellationToken);
        if (found is { IsPullRequest: true, IsUnderWay: true })
        {
            details.Conflicts.Add(await discussions.ConflictsAsync(repository, found, context.GetCaller(), context.CancellationToken));
        }

        return details;
    }

    public override async Task<DiscussionEvent> ChangeDiscussion(ChangeDiscussionRequest request, ServerCallContext context)
    {
        var repository = await FindAloneAsync(request.Name, request.Kind, context);
        return (await discussions.ChangeAsync(repository, request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<Discussion> MergePullRequest(MergePullRequestRequest request, ServerCallContext context)
    {
        var repository = await FindToWriteAsync(request.Name, request.Kind, context);
        return (await discussions.MergeAsync(repository, request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<Repository> MoveRepository(MoveRepositoryRequest request, ServerCallContext context)
    {
        var name = RepositoryName.Create(request.NewName).OrThrow();
        var repository = await FindToWriteAsync(request.Name, request.Kind, context);
        return (await moves.MoveAsync(repository, name, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<Repository> DuplicateRepository(DuplicateRepositoryRequest request, ServerCallContext context)
    {
        Known(request.Visibility);
        var source = await FindAloneAsync(request.Name, request.Kind, context);
        return (await duplicator.DuplicateAsync(source, request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    private static void Known<T>(T value)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            throw new ErrorException(Error.Invalid("BAD_VALUE", $"{typeof(T).Name} has no value {value:d}"));
        }
    }

    private Task<CatalogDbContext> OpenAsync(ServerCallContext context) => contexts.CreateDbContextAsync(context.CancellationToken);

    private static async Task<SeenRepository> FindAsync(CatalogDbContext database, string name, RepositoryKind kind, ServerCallContext context) =>
        Told((await RepositoryFinder.FindAsync(database, RepositoryName.Create(name).OrThrow(), kind, context.GetCaller(), context.CancellationToken)).OrThrow(), name, context);

    private async Task<SeenRepository> FindAloneAsync(string name, RepositoryKind kind, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        return await FindAsync(database, name, kind, context);
    }

    private async Task<SeenRepository> FindToWriteAsync(string name, RepositoryKind kind, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        return Told((await RepositoryFinder.FindToWriteAsync(database, RepositoryName.Create(name).OrThrow(), kind, context.GetCaller(), context.CancellationToken)).OrThrow(), name, context);
    }

    private static bool IsNamed(SeenRepository repository, string name) => repository.Row.Key == StoredRepository.KeyOf(RepositoryName.Create(name).OrThrow());

    /// <summary>Says the name beside the answer, if it is found by one that it had.</summary>
    private static SeenRepository Told(SeenRepository repository, string name, ServerCallContext context)
    {
        if (!IsNamed(repository, name))
        {
            context.ResponseTrailers.Add(MovedTrailer, repository.Row.Name);
        }

        return repository;
    }
}
