using ModelGarden.Cli.Tests.Doubles;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Tests.Commands;

public sealed class ReportTests : IAsyncLifetime
{
    private const string Id = "0123456789abcdef01234567";
    private GardenDouble _garden = null!;
    private Machine _machine = null!;

    private static Report Open => new()
    {
        Id = Id, Repository = new() { Name = "acme/tiny", Kind = Contracts.V1.RepositoryKind.Model }, Category = ReportCategory.PersonalData, Text = "my address", Path = "data.json", Reporter = "ann", State = ReportState.Open,
    };

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenDouble.StartAsync();
        _machine = new(_garden);
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
    }

    [Fact]
    public async Task Report_AModel_SaysWhatIsWrong()
    {
        ReportRepositoryRequest? asked = null;
        _garden.On<ReportRepositoryRequest>("ReportRepository", request =>
        {
            asked = request;
            return new ReportRepositoryResponse { Report = Open };
        });

        var ran = (await _machine.RunAsync("models", "report", "acme/tiny@v1", "--category", "personal-data", "--text", "my address", "--path", "data.json")).Ok();

        Assert.Equal(new ReportRepositoryRequest { Name = "acme/tiny", Revision = "v1", Category = ReportCategory.PersonalData, Text = "my address", Path = "data.json" }, asked);
        Assert.Matches($"(?m)^report +{Id}$", ran.Out);
        Assert.Matches("(?m)^category +personal-data$", ran.Out);
        Assert.Contains($"garden reports show {Id}", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_OfAComment_NamesIt()
    {
        ReportRepositoryRequest? asked = null;
        _garden.On<ReportRepositoryRequest>("ReportRepository", request =>
        {
            asked = request;
            return new ReportRepositoryResponse { Report = new(Open) { Discussion = 3, Comment = 17, Path = "" }, Existed = true };
        });

        var ran = (await _machine.RunAsync("models", "report", "acme/tiny", "--category", "unsafe", "--text", "rude", "--discussion", "3", "--comment", "17")).Ok();

        Assert.Equal((3L, 17L), (asked!.Discussion, asked.Comment));
        Assert.Matches("(?m)^about +comment 17 of discussion 3$", ran.Out);
        Assert.Contains("already", ran.Err, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models", "report", "acme/tiny", "--text", "x")]
    [InlineData("models", "report", "acme/tiny", "--category", "rude", "--text", "x")]
    [InlineData("models", "report", "acme/tiny", "--category", "other")]
    [InlineData("models", "report", "acme/tiny", "--category", "other", "--text", "x", "--comment", "1")]
    [InlineData("models", "rate", "acme/tiny", "filthy", "--reason", "x")]
    [InlineData("models", "rate", "acme/tiny", "explicit")]
    [InlineData("reports", "show", "../x")]
    [InlineData("reports", "list", "--state", "gone")]
    [InlineData("reports", "list", "--limit", "0")]
    [InlineData("reports", "resolve", Id, "--note", "x")]
    [InlineData("reports", "resolve", Id, "--note", "x", "--dismiss", "--other")]
    [InlineData("reports", "resolve", Id, "--dismiss")]
    [InlineData("reports", "resolve", Id, "--take-down", "--note", "x")]
    public async Task Reports_WrongUsage_AsksNothing(params string[] arguments)
    {
        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync(arguments)).Code);
        Assert.Empty(_garden.Requests);
    }

    [Fact]
    public async Task List_WithFilters_ShowsTheQueueAndHowToSeeMore()
    {
        var asked = new List<ListReportsRequest>();
        _garden.On<ListReportsRequest>("ListReports", request =>
        {
            asked.Add(request);
            return new ListReportsResponse { Reports = { Open }, NextPageToken = $"{asked.Count}" };
        });

        var ran = (await _machine.RunAsync(
            "reports", "list", "--state", "open", "--state", "upheld", "--category", "malicious", "--repository", "acme/tiny", "--assignee", "cora", "--unassigned", "--limit", "2")).Ok();

        var first = new ListReportsRequest
        {
            States = { ReportState.Open, ReportState.Upheld }, Categories = { ReportCategory.Malicious }, Name = "acme/tiny", Assignee = "cora", Unassigned = true, PageSize = 2,
        };
        Assert.Equal([first, new(first) { PageSize = 1, PageToken = "1" }], asked);
        Assert.Equal(3, ran.Out.TrimEnd().Split('\n').Length);
        Assert.Matches($"(?m)^{Id} +acme/tiny +data.json +personal-data +open +my address$", ran.Out);
        Assert.Contains("--limit", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_InJson_IsOneDocument()
    {
        _garden.On<ListReportsRequest>("ListReports", request => new ListReportsResponse { Reports = { Open }, NextPageToken = request.PageToken.Length > 0 ? "" : "2" });

        var json = (await _machine.RunAsync("reports", "list", "--json")).Ok().Json;

        Assert.Equal((2, ""), (json["reports"]!.AsArray().Count, (string?)json["nextPageToken"]));
    }

    [Fact]
    public async Task Own_AndRepositories_AreLists()
    {
        _garden.On<ListOwnReportsRequest>("ListOwnReports", _ => new ListReportsResponse { Reports = { new Report(Open) { State = ReportState.Dismissed } } });
        _garden.On<ListReportedRepositoriesRequest>("ListReportedRepositories", _ => new ListReportedRepositoriesResponse
        {
            Repositories = { new ReportedRepository { Repository = Open.Repository, Reports = 3, Unassigned = 1, Categories = { new CategoryCount { Category = ReportCategory.PersonalData, Reports = 3 } } } },
        });

        Assert.Contains("dismissed", (await _machine.RunAsync("reports", "own")).Ok().Out, StringComparison.Ordinal);
        Assert.Matches("(?m)^acme/tiny +model +3 +1 +personal-data 3$", (await _machine.RunAsync("reports", "repositories")).Ok().Out);
    }

    [Fact]
    public async Task Report_TakenReleasedAndShown_IsAskedForById()
    {
        var asked = new List<TakeReportRequest>();
        _garden.On<TakeReportRequest>("TakeReport", request =>
        {
            asked.Add(request);
            return new Report(Open) { Assignee = request.Release ? "" : "cora" };
        });
        _garden.On<GetReportRequest>("GetReport", request => new Report(Open) { Id = request.Id });

        Assert.Matches("(?m)^taken on by +cora$", (await _machine.RunAsync("reports", "take", Id)).Ok().Out);
        (await _machine.RunAsync("reports", "release", Id)).Ok();
        Assert.Equal(Id, (string?)(await _machine.RunAsync("reports", "show", Id, "--json")).Ok().Json["id"]);

        Assert.Equal([new TakeReportRequest { Id = Id }, new TakeReportRequest { Id = Id, Release = true }], asked);
    }

    [Theory]
    [InlineData("--dismiss", ReportState.Dismissed, ReportAction.Unspecified, ContentRating.Unspecified)]
    [InlineData("--rate=explicit", ReportState.Upheld, ReportAction.Rated, ContentRating.Explicit)]
    [InlineData("--hide-comment", ReportState.Upheld, ReportAction.CommentHidden, ContentRating.Unspecified)]
    [InlineData("--other", ReportState.Upheld, ReportAction.Other, ContentRating.Unspecified)]
    public async Task Resolve_EachDecision_IsSentAsSaid(string option, ReportState state, ReportAction action, ContentRating rating)
    {
        ResolveReportRequest? asked = null;
        _garden.On<ResolveReportRequest>("ResolveReport", request =>
        {
            asked = request;
            return new Report(Open) { State = request.State, Action = request.Action, Note = request.Note };
        });

        (await _machine.RunAsync("reports", "resolve", Id, option, "--note", "looked at")).Ok();

        Assert.Equal(new ResolveReportRequest { Id = Id, State = state, Action = action, Rating = rating, Note = "looked at" }, asked);
    }

    [Fact]
    public async Task Resolve_ByTakingDown_IsConfirmed()
    {
        var asked = new List<ResolveReportRequest>();
        _garden.On<ResolveReportRequest>("ResolveReport", request =>
        {
            asked.Add(request);
            return Open;
        });
        (_machine.IsInteractive, _machine.Input) = (true, "n\n");
        Assert.Equal(ExitCodes.Failed, (await _machine.RunAsync("reports", "resolve", Id, "--take-down", "--note", "malware")).Code);
        Assert.Empty(asked);

        (await _machine.RunAsync("reports", "resolve", Id, "--take-down", "--note", "malware", "--all", "--yes")).Ok();

        Assert.Equal([new ResolveReportRequest { Id = Id, State = ReportState.Upheld, Action = ReportAction.TakenDown, Note = "malware", AllOfRepository = true }], asked);
    }

    [Fact]
    public async Task Resolve_DecidedByAnother_SaysSo()
    {
        _garden.Refuse("ResolveReport", 409, "REPORT_RESOLVED", "report was dismissed by cyd already");

        var ran = await _machine.RunAsync("reports", "resolve", Id, "--dismiss", "--note", "x");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains("(REPORT_RESOLVED)", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rate_AModel_ShowsBothRatings()
    {
        RateRepositoryRequest? asked = null;
        _garden.On<RateRepositoryRequest>("RateRepository", request =>
        {
            asked = request;
            return new Repository { Name = request.Name, AttestedRating = request.Rating, ContentRating = ContentRating.Sensitive };
        });

        var ran = (await _machine.RunAsync("models", "rate", "acme/tiny", "general", "--reason", "harmless")).Ok();

        Assert.Equal(new RateRepositoryRequest { Name = "acme/tiny", Rating = ContentRating.General, Reason = "harmless" }, asked);
        Assert.Matches("(?m)^rated +general$", ran.Out);
        Assert.Matches("(?m)^with its card +sensitive$", ran.Out);
    }
}
