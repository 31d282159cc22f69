using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Lifecycles;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting;

namespace ModelGarden.Catalog.Moderation;

/// <summary>Closes the reports of a repository, as part of a change of it that is claimed.</summary>
internal static class OpenReports
{
    /// <summary>Those of a repository that wait, tracked.</summary>
    public static IQueryable<StoredReport> Of(CatalogDbContext context, string repositoryId) =>
        context.Reports.AsTracking().Where(row => row.RepositoryId == repositoryId && row.State == ReportState.Open);

    /// <summary>Decides on reports about the repository itself, which is a step of its history, or on one of a comment, which is not.</summary>
    public static async Task DecideAsync(RepositoryChange change, IReadOnlyList<StoredReport> reports, Decision decision, string account, CancellationToken cancellationToken)
    {
        foreach (var report in reports)
        {
            report.Resolve(decision, account, change.Now);
        }

        if (reports.Any(report => !report.IsOfComment))
        {
            var which = reports is [var one] ? $"report {one.Id}" : $"{reports.Count} reports";
            await StepHistory.AddAsync(change, new(LifecycleAction.DecideReport), change.Repository.Head, $"{which} {decision.Words}: {decision.Note}", account, cancellationToken);
        }
    }

    /// <summary>The repository is taken down, and so what was reported of it was right.</summary>
    public static async Task UpholdAsync(RepositoryChange change, string note, string account, CancellationToken cancellationToken) => await DecideAsync(
        change,
        await Of(change.Context, change.Repository.Id).Where(row => row.Comment == 0).ToListAsync(cancellationToken),
        new(ReportState.Upheld, ReportAction.TakenDown, note),
        account,
        cancellationToken);

    /// <summary>The repository is deleted: there is nothing left to decide on.</summary>
    public static async Task LapseAsync(RepositoryChange change, CancellationToken cancellationToken)
    {
        foreach (var report in await Of(change.Context, change.Repository.Id).ToListAsync(cancellationToken))
        {
            report.Resolve(new(ReportState.Lapsed, ReportAction.Unspecified, "the repository was deleted"), ServiceNames.Catalog, change.Now);
        }
    }
}
