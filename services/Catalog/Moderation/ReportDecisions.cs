using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Discussions;
using ModelGarden.Catalog.Lifecycles;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Moderation;

/// <summary>Lets moderators take reports on, and decide on them: each as a change of the repository, so that of two who decide at once one wins.</summary>
internal sealed class ReportDecisions(IDbContextFactory<CatalogDbContext> contexts, RepositoryChanges changes, CatalogMetrics metrics)
{
    public Task<Result<Report>> TakeAsync(TakeReportRequest request, Caller caller, CancellationToken cancellationToken) => ChangeAsync(
        request.Id,
        caller,
        static (_, _) => false,
        async (change, report) =>
        {
            var assignee = request.Release ? "" : AccountKey.Of(caller.Principal.Name);
            if (report.Assignee == assignee)
            {
                return null;
            }

            if (!request.Release && report.Assignee.Length > 0)
            {
                return Taken(report);
            }

            if (!await change.ClaimAsync(cancellationToken))
            {
                return RepositoryChange.Lost;
            }

            change.KeepQuiet();
            report.Assignee = assignee;
            return null;
        },
        cancellationToken);

    public async Task<Result<Report>> ResolveAsync(ResolveReportRequest request, Caller caller, CancellationToken cancellationToken)
    {
        if (Fault(request) is { } fault)
        {
            return fault;
        }

        var decision = new Decision(request.State, request.Action, request.Rating, request.Note.Trim());
        return await ChangeAsync(
            request.Id,
            caller,
            // Asked for again after its answer was lost.
            (report, account) => report.IsResolved(decision, account),
            (change, report) => ResolveAsync(change, report, decision, request, caller, cancellationToken),
            cancellationToken);
    }

    /// <summary>Has something done to a report that is open, and answers it as it is then.</summary>
    /// <param name="id">The report's.</param>
    /// <param name="caller">Who does it.</param>
    /// <param name="isDone">Whether that was done to one that is open no more, by this account.</param>
    /// <param name="act">Claims the change if there is something to do, or says why it cannot be done.</param>
    /// <param name="cancellationToken">Ends it.</param>
    private async Task<Result<Report>> ChangeAsync(
        string id, Caller caller, Func<StoredReport, string, bool> isDone, Func<RepositoryChange, StoredReport, Task<Error?>> act, CancellationToken cancellationToken)
    {
        await using var outside = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await ReportReading.FindAsync(outside.Reports, id, caller, cancellationToken);
        if (found is { Error: null, Value.State: ReportState.Open })
        {
            return await changes.RunAsync<Report>(
                found.Value.RepositoryId,
                async change =>
                {
                    var report = await change.Context.Reports.AsTracking().SingleAsync(row => row.Id == id, cancellationToken);
                    return report.State is not ReportState.Open ? await ClosedAsync(change.Context, report)
                        : await act(change, report) is { } refused ? refused
                        : await ReportReading.DescribeAsync(change.Context, report, caller, cancellationToken);
                },
                cancellationToken);
        }

        return found.Error is { } missing ? missing : await ClosedAsync(outside, found.Value);

        async Task<Result<Report>> ClosedAsync(CatalogDbContext context, StoredReport report) => isDone(report, caller.Principal.Name)
            ? await ReportReading.DescribeAsync(context, report, caller, cancellationToken)
            : Error.Conflict("REPORT_RESOLVED", $"report {report.Id} was {report.State.ToString().ToLowerInvariant()} by {report.ResolvedBy} at {report.ResolvedAt:u} already");
    }

    private async Task<Error?> ResolveAsync(
        RepositoryChange change, StoredReport report, Decision decision, ResolveReportRequest request, Caller caller, CancellationToken cancellationToken)
    {
        List<StoredReport> reports = request.AllOfRepository
            ? await OpenReports.Of(change.Context, change.Repository.Id).Where(row => row.Comment == 0).ToListAsync(cancellationToken)
            : [report];
        var own = AccountKey.Of(caller.Principal.Name);
        if ((SubjectFault(report, request) ?? (reports.Find(one => one.Assignee.Length > 0 && one.Assignee != own) is { } others ? Taken(others) : null)) is { } fault)
        {
            return fault;
        }

        if (!await change.ClaimAsync(cancellationToken))
        {
            return RepositoryChange.Lost;
        }

        await StepHistory.CatchUpAsync(change, cancellationToken);
        await ActAsync(change, report, decision, caller, cancellationToken);
        await OpenReports.DecideAsync(change, reports, decision, caller.Principal.Name, cancellationToken);
        metrics.Decided(decision.State, reports.Count);
        return null;
    }

    /// <summary>Does what was decided, where it is not so already: then nothing is changed of the repository, and nobody told.</summary>
    private async Task ActAsync(RepositoryChange change, StoredReport report, Decision decision, Caller caller, CancellationToken cancellationToken)
    {
        var repository = change.Repository;
        switch (decision.Action)
        {
            case ReportAction.Rated when repository.AttestedRating != decision.Rating:
                await RatingDesk.ApplyAsync(change, decision.Rating, decision.Note, caller, cancellationToken);
                break;
            case ReportAction.TakenDown when repository.Standing is not Lifecycle.TakenDown:
                await LifecycleDesk.TakeDownAsync(change, decision.Note, caller, cancellationToken);
                metrics.Stepped(LifecycleAction.TakeDown);
                break;
            case ReportAction.CommentHidden:
                change.KeepQuiet();
                await HideAsync(change, report, caller, cancellationToken);
                break;
            default:
                change.KeepQuiet();
                break;
        }
    }

    private static async Task HideAsync(RepositoryChange change, StoredReport report, Caller caller, CancellationToken cancellationToken)
    {
        var (context, number, comment) = (change.Context, report.Discussion, report.Comment);
        if (!await context.DiscussionEvents.AnyAsync(row => row.RepositoryId == report.RepositoryId && row.Number == number && row.Subject == comment && row.Kind == StoredEventKind.Hide, cancellationToken))
        {
            context.DiscussionEvents.Add(new() { RepositoryId = report.RepositoryId, Number = number, Kind = StoredEventKind.Hide, Author = caller.Principal.Name, At = change.Now, Subject = comment });
        }
    }

    private static Error? Fault(ResolveReportRequest request) => request switch
    {
        { State: not (ReportState.Dismissed or ReportState.Upheld) } => Error.Invalid("BAD_DECISION", "state is neither dismissed nor upheld"),
        { State: ReportState.Dismissed, Action: not ReportAction.Unspecified } => Error.Invalid("BAD_DECISION", "action is set: what is dismissed has none"),
        { State: ReportState.Upheld, Action: ReportAction.Unspecified } => Error.Invalid("BAD_DECISION", "action is not set: say what is done about it"),
        _ when !Enum.IsDefined(request.Action) => Error.Invalid("BAD_DECISION", $"there is no action {request.Action:d}"),
        { Action: not ReportAction.Rated, Rating: not ContentRating.Unspecified } => Error.Invalid("BAD_DECISION", "rating is set: that goes with the action rated alone"),
        { Action: ReportAction.Rated } when RatingDesk.Fault(request.Rating) is { } fault => fault,
        _ => StepHistory.ReasonFault("note", request.Note),
    };

    private static Error? SubjectFault(StoredReport report, ResolveReportRequest request) => request switch
    {
        { AllOfRepository: true } when report.IsOfComment => Error.Invalid("BAD_DECISION", $"report {report.Id} is about a comment: it is decided on alone"),
        { Action: ReportAction.Rated or ReportAction.TakenDown } when report.IsOfComment =>
            Error.Invalid("BAD_DECISION", $"report {report.Id} is about a comment: the action is comment_hidden, or other"),
        { Action: ReportAction.CommentHidden } when !report.IsOfComment => Error.Invalid("BAD_DECISION", $"report {report.Id} is about no comment: the action is rated, taken_down or other"),
        _ => null,
    };

    private static Error Taken(StoredReport report) =>
        Error.Conflict("REPORT_TAKEN", $"{report.Assignee} has taken report {report.Id} on: leave it to them, or give it back in their place first");
}
