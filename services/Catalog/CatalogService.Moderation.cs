using Grpc.Core;
using ModelGarden.Catalog.Moderation;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog;

/// <summary>How repositories' content is rated, what people report of it, and what comes of that.</summary>
internal sealed partial class CatalogService
{
    public override async Task<Repository> RateRepository(RateRepositoryRequest request, ServerCallContext context)
    {
        var repository = await FindAloneAsync(request.Name, request.Kind, context);
        return (await ratings.RateAsync(repository, request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<ReportRepositoryResponse> ReportRepository(ReportRepositoryRequest request, ServerCallContext context)
    {
        var repository = await FindAloneAsync(request.Name, request.Kind, context);
        return (await reports.MakeAsync(repository, request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<ListReportsResponse> ListOwnReports(ListOwnReportsRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        return (await ReportReading.ListOwnAsync(database, request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<ListReportsResponse> ListReports(ListReportsRequest request, ServerCallContext context)
    {
        request.States.ToList().ForEach(Known);
        request.Categories.ToList().ForEach(Known);
        await using var database = await OpenAsync(context);
        return (await ReportReading.ListAsync(database, request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<ListReportedRepositoriesResponse> ListReportedRepositories(ListReportedRepositoriesRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        return (await ReportReading.ListRepositoriesAsync(database, request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<Report> GetReport(GetReportRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var found = (await ReportReading.FindAsync(database.Reports, request.Id, context.GetCaller(), context.CancellationToken)).OrThrow();
        return await ReportReading.DescribeAsync(database, found, context.GetCaller(), context.CancellationToken);
    }

    public override async Task<Report> TakeReport(TakeReportRequest request, ServerCallContext context) =>
        (await decisions.TakeAsync(request, context.GetCaller(), context.CancellationToken)).OrThrow();

    public override async Task<Report> ResolveReport(ResolveReportRequest request, ServerCallContext context) =>
        (await decisions.ResolveAsync(request, context.GetCaller(), context.CancellationToken)).OrThrow();
}
