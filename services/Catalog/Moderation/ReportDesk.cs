using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Collections;
using ModelGarden.Catalog.Discussions;
using ModelGarden.Catalog.Reading;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Moderation;

/// <summary>Takes reports: of one account one at a time, and of one repository, so that what is counted holds.</summary>
internal sealed class ReportDesk(RepositoryChanges changes, FileReading reading, CatalogMetrics metrics)
{
    private const int LongestText = 4096;
    private const int MaximumOfADay = 50;
    private const int MaximumOpen = 1000;

    public async Task<Result<ReportRepositoryResponse>> MakeAsync(SeenRepository repository, ReportRepositoryRequest request, Caller caller, CancellationToken cancellationToken)
    {
        if (Fault(request) is { } fault)
        {
            return fault;
        }

        var made = await changes.RunAsync(repository.Id, change => MakeAsync(change, request, caller, cancellationToken), cancellationToken);
        if (made is { Error: null, Value.Existed: false })
        {
            metrics.Reported(request.Category);
        }

        return made;
    }

    private static Error? Fault(ReportRepositoryRequest request) => request switch
    {
        { Category: ReportCategory.Unspecified } => Error.Invalid("BAD_CATEGORY", "category is not set: say what is wrong with it"),
        _ when !Enum.IsDefined(request.Category) => Error.Invalid("BAD_CATEGORY", $"there is no category {request.Category:d}"),
        _ when string.IsNullOrWhiteSpace(request.Text) || request.Text.Length > LongestText || request.Text.Contains('\0', StringComparison.Ordinal) =>
            Error.Invalid("BAD_TEXT", $"text has {request.Text.Length} characters, none that says anything, or a zero character: 1 to {LongestText} that say what is wrong are expected"),
        { Discussion: < 0 } or { Comment: < 0 } or { Discussion: > 0, Comment: 0 } or { Discussion: 0, Comment: > 0 } =>
            Error.Invalid("BAD_SUBJECT", $"discussion is {request.Discussion} and comment {request.Comment}: both are expected of a comment, neither of a repository"),
        { Comment: > 0 } when request.Revision.Length > 0 || request.Path.Length > 0 => Error.Invalid("BAD_SUBJECT", "a comment has neither revision nor path: leave them out, or report the repository"),
        _ => null,
    };

    private async Task<Result<ReportRepositoryResponse>> MakeAsync(RepositoryChange change, ReportRepositoryRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var (context, row, key) = (change.Context, change.Repository, AccountKey.Of(caller.Principal.Name));
        if (SeenRepository.Of(row, caller) is not { } seen)
        {
            return RepositoryFinder.NotFound(row.Name);
        }

        if (await OpenReports.Of(context, row.Id).SingleOrDefaultAsync(report => report.ReporterKey == key && report.Comment == request.Comment, cancellationToken) is { } standing)
        {
            return new ReportRepositoryResponse { Report = standing.ToReport(row.Name, ReportReading.IsModerator(caller)), Existed = true };
        }

        var revision = request.Comment > 0 ? await CommentAsync(context, seen, request, cancellationToken) : await PlaceAsync(context, seen, request, cancellationToken);
        if (revision.Error is { } missing)
        {
            return missing;
        }

        if (!await change.ClaimAsync(cancellationToken))
        {
            return RepositoryChange.Lost;
        }

        change.KeepQuiet();
        if (await RefusalAsync(change, caller, key, cancellationToken) is { } refused)
        {
            return refused;
        }

        var made = New(change, request, revision.Value, caller, key);
        context.Reports.Add(made);
        return new ReportRepositoryResponse { Report = made.ToReport(row.Name, ReportReading.IsModerator(caller)) };
    }

    private static StoredReport New(RepositoryChange change, ReportRepositoryRequest request, string revision, Caller caller, string key) => new()
    {
        Id = CollectionSlug.NewId(),
        RepositoryId = change.Repository.Id,
        Repository = change.Repository.Name,
        Kind = change.Repository.Kind,
        Reporter = caller.Principal.Name,
        ReporterKey = key,
        Category = request.Category,
        Text = request.Text.Trim(),
        Revision = revision,
        Path = request.Path.Trim('/'),
        Discussion = request.Discussion,
        Comment = request.Comment,
        At = change.Now,
    };

    /// <summary>The commit that is reported; empty: there is none.</summary>
    private async Task<Result<string>> PlaceAsync(CatalogDbContext context, SeenRepository repository, ReportRepositoryRequest request, CancellationToken cancellationToken)
    {
        var root = await reading.OpenAsync(context, repository, request.Revision, cancellationToken);
        if (root.Error is { } missing)
        {
            return missing;
        }

        var path = request.Path.Trim('/');
        return path.Length is 0 || await root.Value.Trees.FindAsync(root.Value.Tree, path, cancellationToken) is not null
            ? root.Value.Commit
            : FileReading.NoPath(path, "file or folder", root.Value);
    }

    /// <summary>Nothing, where there is such a comment.</summary>
    private static async Task<Result<string>> CommentAsync(CatalogDbContext context, SeenRepository repository, ReportRepositoryRequest request, CancellationToken cancellationToken)
    {
        var discussion = await DiscussionReading.FindAsync(context.Discussions, repository, request.Discussion, cancellationToken);
        if (discussion.Error is { } missing)
        {
            return missing;
        }

        var events = StoredEvent.Shown(await DiscussionReading.EventsAsync(context, discussion.Value, cancellationToken));
        return events.Any(one => one.Id == request.Comment && one is { Kind: DiscussionEventKind.Comment, Hidden: false })
            ? ""
            : Error.NotFound("COMMENT_NOT_FOUND", $"there is no comment {request.Comment} in discussion {request.Discussion}, or it is hidden already");
    }

    private static async Task<Error?> RefusalAsync(RepositoryChange change, Caller caller, string key, CancellationToken cancellationToken)
    {
        var (context, since) = (change.Context, change.Now.AddDays(-1));
        await context.Database.ExecuteSqlAsync($"INSERT INTO reporters (account, changes) VALUES ({key}, 1) ON CONFLICT (account) DO UPDATE SET changes = reporters.changes + 1", cancellationToken);
        if (await context.Reports.CountAsync(report => report.ReporterKey == key && report.At > since, cancellationToken) >= MaximumOfADay)
        {
            return Error.Exhausted("TOO_MANY_REPORTS", $"{caller.Principal.Name} has reported {MaximumOfADay} times within a day, which is as often as may be: go on tomorrow");
        }

        return await OpenReports.Of(context, change.Repository.Id).CountAsync(cancellationToken) >= MaximumOpen
            ? Error.Exhausted("TOO_MANY_REPORTS", $"{change.Repository.Name} has {MaximumOpen} reports that wait, which is as many as may be: curators know of it")
            : null;
    }
}
