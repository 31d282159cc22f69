using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Catalog.Collections;
using ModelGarden.Catalog.Moderation;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Testing;
using CatalogClient = ModelGarden.Contracts.V1.Catalog.CatalogClient;

namespace ModelGarden.Catalog.Tests;

/// <summary>What people report, and what moderators make of it.</summary>
public abstract class ReportTests(Engine engine) : CatalogContract(engine)
{
    private readonly ManualClock _clock = new(new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    protected override TimeProvider Clock => _clock;

    private CatalogClient Other => As(People.Person("Cyd", "garden", Roles.Curator));

    [Fact]
    public async Task Report_Made_IsTheReportersAndTheCuratorsAlone()
    {
        var (repository, commit) = await PublishAsync();

        var made = await ReportAsync(Stranger, ReportCategory.PersonalData, " my address ", path: "config.json");

        Assert.Equal((Model, ReportCategory.PersonalData, "my address", commit.Id, "config.json"), (made.Repository.Name, made.Category, made.Text, made.Revision, made.Path));
        Assert.Equal(("ann", ReportState.Open, "", ReportAction.Unspecified), (made.Reporter, made.State, made.Assignee, made.Action));
        Assert.Equal(made, await GetAsync(Stranger, made.Id));
        Assert.Equal([made], await OwnAsync(Stranger));
        Assert.Equal([made], await QueueAsync(new()));
        Assert.Equal([made], (await As(People.Operator).ListReportsAsync(new(), cancellationToken: Cancel)).Reports);
        foreach (var owner in new[] { As(People.Admin()), As(People.Person("leo", "acme", Roles.Legal, Roles.Auditor, Roles.Engineer)), As(People.Person("vic", "globex", Roles.Admin)) })
        {
            Assert.Empty(await OwnAsync(owner));
            Assert.Equal("REPORT_NOT_FOUND", await ReasonAsync(owner.GetReportAsync(new() { Id = made.Id }, cancellationToken: Cancel)));
            Assert.Equal("ROLE_MISSING", await ReasonAsync(owner.ListReportsAsync(new(), cancellationToken: Cancel)));
            Assert.Equal("ROLE_MISSING", await ReasonAsync(owner.ListReportedRepositoriesAsync(new(), cancellationToken: Cancel)));
            Assert.Equal("ROLE_MISSING", await ReasonAsync(owner.TakeReportAsync(new() { Id = made.Id }, cancellationToken: Cancel)));
            Assert.Equal("ROLE_MISSING", await ReasonAsync(owner.ResolveReportAsync(new() { Id = made.Id }, cancellationToken: Cancel)));
        }

        Assert.Equal("SIGN_IN", await ReasonAsync(As(People.Anonymous).ListReportsAsync(new(), cancellationToken: Cancel)));
        Assert.Equal("SCOPE_MISSING", await ReasonAsync(Limited(People.Curator, Scopes.Read, Scopes.Write).ListReportsAsync(new(), cancellationToken: Cancel)));
        Assert.Equal("REPORT_NOT_FOUND", await ReasonAsync(Limited(People.Curator, Scopes.Read).GetReportAsync(new() { Id = made.Id }, cancellationToken: Cancel)));
        // It is no change of the repository, and no step of it before somebody decides.
        var now = await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);
        Assert.Equal(repository, now);
        Assert.DoesNotContain(await StepsAsync(), step => step.Action is LifecycleAction.DecideReport);
    }

    [Fact]
    public async Task Report_Again_AnswersTheStandingOneUntilItIsDecided()
    {
        await PublishAsync();
        var made = await ReportAsync(Stranger);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ => await Stranger.ReportRepositoryAsync(Request(ReportCategory.Other, "again"), cancellationToken: Cancel)));
        Assert.All(answers, answer => Assert.Equal((true, made), (answer.Existed, answer.Report)));
        await ReportAsync(As(People.Person("gus", "globex")));
        await DismissAsync(made.Id);

        var next = await Stranger.ReportRepositoryAsync(Request(), cancellationToken: Cancel);
        Assert.Equal((false, true), (next.Existed, next.Report.Id != made.Id));
    }

    [Fact]
    public async Task Report_ManyTimesAtOnce_IsMadeOnce()
    {
        await PublishAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ => await Stranger.ReportRepositoryAsync(Request(), cancellationToken: Cancel)));

        Assert.Single(answers, answer => !answer.Existed);
        Assert.Single(answers.Select(answer => answer.Report.Id).Distinct());
    }

    [Fact]
    public async Task Report_WhoMayNot_IsRefused()
    {
        await CreateAsync();

        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Stranger.ReportRepositoryAsync(Request(), cancellationToken: Cancel)));
        Assert.Equal("SIGN_IN", await ReasonAsync(As(People.Anonymous).ReportRepositoryAsync(Request(), cancellationToken: Cancel)));
        Assert.Equal("SCOPE_MISSING", await ReasonAsync(Limited(People.Engineer(), Scopes.Read).ReportRepositoryAsync(Request(), cancellationToken: Cancel)));
        Assert.Equal("", (await ReportAsync(As(People.Person("vic", "acme")))).Revision);
    }

    [Fact]
    public async Task Reports_BadRequests_AreRefusedWithTheirReason()
    {
        await PublishAsync();
        var second = await CommitAsync(Add("draft.txt", "1"));

        Assert.Equal("BAD_CATEGORY", await ReasonAsync(Stranger.ReportRepositoryAsync(Request(ReportCategory.Unspecified), cancellationToken: Cancel)));
        Assert.Equal("BAD_CATEGORY", await ReasonAsync(Stranger.ReportRepositoryAsync(Request((ReportCategory)9), cancellationToken: Cancel)));
        foreach (var text in new[] { "", " ", "a\0b", new string('x', 4097) })
        {
            Assert.Equal("BAD_TEXT", await ReasonAsync(Stranger.ReportRepositoryAsync(Request(text: text), cancellationToken: Cancel)));
        }

        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Stranger.ReportRepositoryAsync(new(Request()) { Revision = second.Id }, cancellationToken: Cancel)));
        Assert.Equal("PATH_NOT_FOUND", await ReasonAsync(Stranger.ReportRepositoryAsync(new(Request()) { Path = "draft.txt" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_SUBJECT", await ReasonAsync(Stranger.ReportRepositoryAsync(new(Request()) { Discussion = 1 }, cancellationToken: Cancel)));
        Assert.Equal("BAD_SUBJECT", await ReasonAsync(Stranger.ReportRepositoryAsync(new(Request()) { Comment = -1, Discussion = 1 }, cancellationToken: Cancel)));
        Assert.Equal("BAD_SUBJECT", await ReasonAsync(Stranger.ReportRepositoryAsync(new(Request()) { Comment = 1, Discussion = 1, Path = "config.json" }, cancellationToken: Cancel)));
        Assert.Equal("DISCUSSION_NOT_FOUND", await ReasonAsync(Stranger.ReportRepositoryAsync(new(Request()) { Comment = 1, Discussion = 1 }, cancellationToken: Cancel)));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Stranger.ReportRepositoryAsync(new(Request()) { Name = "acme/none" }, cancellationToken: Cancel)));

        Assert.Equal("REPORT_NOT_FOUND", await ReasonAsync(Curator.GetReportAsync(new() { Id = "\0" }, cancellationToken: Cancel)));
        Assert.Equal("REPORT_NOT_FOUND", await ReasonAsync(Curator.TakeReportAsync(new(), cancellationToken: Cancel)));
        Assert.Equal("BAD_VALUE", await ReasonAsync(Curator.ListReportsAsync(new() { States = { (ReportState)9 } }, cancellationToken: Cancel)));
        Assert.Equal("BAD_VALUE", await ReasonAsync(Curator.ListReportsAsync(new() { Categories = { (ReportCategory)9 } }, cancellationToken: Cancel)));
        Assert.Equal("BAD_ACCOUNT_NAME", await ReasonAsync(Curator.ListReportsAsync(new() { Assignee = "no one" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_REPOSITORY_NAME", await ReasonAsync(Curator.ListReportsAsync(new() { Name = "x" }, cancellationToken: Cancel)));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Curator.ListReportsAsync(new() { Name = "acme/none" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_PAGE_SIZE", await ReasonAsync(Curator.ListReportsAsync(new() { PageSize = 501 }, cancellationToken: Cancel)));
        Assert.Equal("BAD_PAGE_TOKEN", await ReasonAsync(Curator.ListReportedRepositoriesAsync(new() { PageToken = "?" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_PAGE_TOKEN", await ReasonAsync(Stranger.ListOwnReportsAsync(new() { PageToken = "?" }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task Decision_ThatMakesNoSense_IsRefused()
    {
        await PublishAsync();
        var report = await ReportAsync(Stranger);
        var comment = await ReportAsync(Stranger, comment: await CommentAsync("rude"));

        Assert.Equal("BAD_DECISION", await RefusedAsync(new() { Note = "x" }));
        Assert.Equal("BAD_DECISION", await RefusedAsync(new() { Note = "x", State = ReportState.Lapsed }));
        Assert.Equal("BAD_DECISION", await RefusedAsync(new() { Note = "x", State = ReportState.Dismissed, Action = ReportAction.Other }));
        Assert.Equal("BAD_DECISION", await RefusedAsync(new() { Note = "x", State = ReportState.Upheld }));
        Assert.Equal("BAD_DECISION", await RefusedAsync(new() { Note = "x", State = ReportState.Upheld, Action = (ReportAction)9 }));
        Assert.Equal("BAD_DECISION", await RefusedAsync(new() { Note = "x", State = ReportState.Upheld, Action = ReportAction.Other, Rating = ContentRating.General }));
        Assert.Equal("BAD_DECISION", await RefusedAsync(new() { Note = "x", State = ReportState.Upheld, Action = ReportAction.CommentHidden }));
        Assert.Equal("BAD_RATING", await RefusedAsync(new() { Note = "x", State = ReportState.Upheld, Action = ReportAction.Rated }));
        Assert.Equal("COMMENT_MISSING", await RefusedAsync(new() { State = ReportState.Dismissed }));
        Assert.Equal("BAD_COMMENT", await RefusedAsync(new() { State = ReportState.Dismissed, Note = new('x', 4097) }));
        Assert.Equal("BAD_DECISION", await RefusedAsync(new() { Id = comment.Id, Note = "x", State = ReportState.Upheld, Action = ReportAction.TakenDown }));
        Assert.Equal("BAD_DECISION", await RefusedAsync(new() { Id = comment.Id, Note = "x", State = ReportState.Dismissed, AllOfRepository = true }));
        Assert.Equal("BAD_ACTION", await ReasonAsync(Curator.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Retire, UpholdReports = true }, cancellationToken: Cancel)));
        Assert.Equal(2, (await QueueAsync(new())).Count);

        async Task<string> RefusedAsync(ResolveReportRequest request)
        {
            request.Id = request.Id.Length > 0 ? request.Id : report.Id;
            return await ReasonAsync(Curator.ResolveReportAsync(request, cancellationToken: Cancel));
        }
    }

    [Fact]
    public async Task Report_TakenOn_IsItsAssigneesToDecide()
    {
        await PublishAsync();
        var report = await ReportAsync(Stranger);

        var taken = await Other.TakeReportAsync(new() { Id = report.Id }, cancellationToken: Cancel);

        Assert.Equal(("cyd", taken), (taken.Assignee, await Other.TakeReportAsync(new() { Id = report.Id }, cancellationToken: Cancel)));
        Assert.Equal("", (await GetAsync(Stranger, report.Id)).Assignee);
        Assert.Equal("REPORT_TAKEN", await ReasonAsync(Curator.TakeReportAsync(new() { Id = report.Id }, cancellationToken: Cancel)));
        Assert.Equal("REPORT_TAKEN", await ReasonAsync(Curator.ResolveReportAsync(Dismissal(report.Id), cancellationToken: Cancel)));
        Assert.Equal([taken], await QueueAsync(new() { Assignee = "CYD" }));
        Assert.Empty(await QueueAsync(new() { Unassigned = true }));
        Assert.Equal("", (await Curator.TakeReportAsync(new() { Id = report.Id, Release = true }, cancellationToken: Cancel)).Assignee);
        Assert.Equal("cora", (await Curator.TakeReportAsync(new() { Id = report.Id }, cancellationToken: Cancel)).Assignee);
        var resolved = await DismissAsync(report.Id);
        Assert.Equal((ReportState.Dismissed, "cora", "all is well", _clock.GetUtcNow()), (resolved.State, resolved.ResolvedBy, resolved.Note, resolved.ResolvedAt.ToDateTimeOffset()));
        Assert.Equal("REPORT_RESOLVED", await ReasonAsync(Curator.TakeReportAsync(new() { Id = report.Id }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task Report_DecidedOnByTwoAtOnce_OneWins()
    {
        await PublishAsync();
        var report = await ReportAsync(Stranger);

        var outcomes = await Task.WhenAll(ResolvingAsync(Curator), ResolvingAsync(Other));

        Assert.Equal(["", "REPORT_RESOLVED"], outcomes.Order());
        Assert.Single(await StepsAsync(), step => step.Action is LifecycleAction.DecideReport);

        async Task<string> ResolvingAsync(CatalogClient client)
        {
            try
            {
                await client.ResolveReportAsync(Dismissal(report.Id), cancellationToken: Cancel);
                return "";
            }
            catch (RpcException exception)
            {
                return Hosting.Errors.GrpcErrors.ToError(exception, ServiceNames.Catalog).Reason;
            }
        }
    }

    [Fact]
    public async Task Report_Dismissed_IsToldToItsReporterAndAStep()
    {
        var (repository, _) = await PublishAsync();
        var report = await ReportAsync(Stranger);

        var resolved = await DismissAsync(report.Id);

        Assert.Equal(resolved, await DismissAsync(report.Id));
        Assert.Equal("REPORT_RESOLVED", await ReasonAsync(Other.ResolveReportAsync(Dismissal(report.Id), cancellationToken: Cancel)));
        var told = Assert.Single(await OwnAsync(Stranger));
        Assert.Equal((ReportState.Dismissed, "all is well", "", ""), (told.State, told.Note, told.ResolvedBy, told.Assignee));
        Assert.Empty(await QueueAsync(new()));
        Assert.Equal([resolved], await QueueAsync(new() { States = { ReportState.Dismissed, ReportState.Upheld } }));
        var step = Assert.Single(await StepsAsync(), step => step.Action is LifecycleAction.DecideReport);
        Assert.Equal(("cora", $"report {report.Id} dismissed: all is well"), (step.Account, step.Comment));
        Assert.DoesNotContain("ann", step.Comment, StringComparison.Ordinal);
        Assert.Equal(repository.UpdatedAt, (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).UpdatedAt);
        await VerifiedAsync();
    }

    [Fact]
    public async Task Report_UpheldByRating_RatesTheRepository()
    {
        var (repository, _) = await PublishAsync();
        var report = await ReportAsync(Stranger, ReportCategory.Unsafe);

        var resolved = await Curator.ResolveReportAsync(
            new() { Id = report.Id, State = ReportState.Upheld, Action = ReportAction.Rated, Rating = ContentRating.Explicit, Note = "for adults" }, cancellationToken: Cancel);

        Assert.Equal((ReportState.Upheld, ReportAction.Rated, ContentRating.Explicit), (resolved.State, resolved.Action, resolved.Rating));
        Assert.Equal("REPORT_RESOLVED", await ReasonAsync(Curator.ResolveReportAsync(
            new() { Id = report.Id, State = ReportState.Upheld, Action = ReportAction.Rated, Rating = ContentRating.General, Note = "for adults" }, cancellationToken: Cancel)));
        Assert.Equal(ContentRating.Explicit, (await UntilAsync(repository.Id, state => state.AttestedRating is not ContentRating.Unrated)).ContentRating);
        Assert.Equal(
            ["Rate unrated became explicit: for adults", $"DecideReport report {report.Id} upheld, rated explicit: for adults"],
            (await StepsAsync()).TakeLast(2).Select(step => $"{step.Action} {step.Comment}"));
        await VerifiedAsync();
    }

    [Fact]
    public async Task Reports_UpheldByTakingDown_CloseTogether()
    {
        var (repository, _) = await PublishAsync();
        var first = await ReportAsync(Stranger, ReportCategory.Malicious);
        await ReportAsync(As(People.Person("gus", "globex")));
        var comment = await ReportAsync(Stranger, comment: await CommentAsync("rude"));

        var resolved = await Curator.ResolveReportAsync(
            new() { Id = first.Id, State = ReportState.Upheld, Action = ReportAction.TakenDown, Note = "steals tokens", AllOfRepository = true }, cancellationToken: Cancel);

        Assert.Equal((ReportState.Upheld, ReportAction.TakenDown, "cora"), (resolved.State, resolved.Action, resolved.ResolvedBy));
        Assert.Equal([comment.Id], (await QueueAsync(new())).Select(report => report.Id));
        Assert.Equal(Lifecycle.TakenDown, (await UntilAsync(repository.Id, state => state.Lifecycle is Lifecycle.TakenDown)).Lifecycle);
        Assert.Equal("REPOSITORY_TAKEN_DOWN", await ReasonAsync(Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)));
        Assert.Equal((Model, "steals tokens"), ((await GetAsync(Stranger, first.Id)).Repository.Name, (await GetAsync(Stranger, first.Id)).Note));
        Assert.Equal(["TakeDown steals tokens", "DecideReport 2 reports upheld, taken down: steals tokens"], (await StepsAsync(Curator)).TakeLast(2).Select(step => $"{step.Action} {step.Comment}"));
        await VerifiedAsync(Curator);
    }

    [Fact]
    public async Task TakeDown_UpholdingReports_ClosesThoseOfTheRepository()
    {
        await PublishAsync();
        var report = await ReportAsync(Stranger);
        await Other.TakeReportAsync(new() { Id = report.Id }, cancellationToken: Cancel);

        await Curator.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.TakeDown, Comment = "malware", UpholdReports = true }, cancellationToken: Cancel);

        var resolved = await GetAsync(Curator, report.Id);
        Assert.Equal((ReportState.Upheld, ReportAction.TakenDown, "malware", "cora"), (resolved.State, resolved.Action, resolved.Note, resolved.ResolvedBy));
        Assert.Equal(["TakeDown malware", $"DecideReport report {report.Id} upheld, taken down: malware"], (await StepsAsync(Curator)).TakeLast(2).Select(step => $"{step.Action} {step.Comment}"));
        await VerifiedAsync(Curator);
    }

    [Fact]
    public async Task TakeDown_NotAskedTo_LeavesReportsOpen()
    {
        await PublishAsync();
        var report = await ReportAsync(Stranger);
        await StepAsync(LifecycleAction.TakeDown, "malware");

        Assert.Equal([report.Id], (await QueueAsync(new() { Name = Model })).Select(one => one.Id));
        // It is down already: that is no second step.
        await Curator.ResolveReportAsync(new() { Id = report.Id, State = ReportState.Upheld, Action = ReportAction.TakenDown, Note = "as said" }, cancellationToken: Cancel);
        Assert.Single(await StepsAsync(Curator), step => step.Action is LifecycleAction.TakeDown);
    }

    [Fact]
    public async Task Report_OfAComment_EndsWithHidingIt()
    {
        await PublishAsync();
        var subject = await CommentAsync("rude");
        var report = await ReportAsync(Engineer, ReportCategory.Unsafe, comment: subject);
        await ReportAsync(Engineer);

        var resolved = await Curator.ResolveReportAsync(new() { Id = report.Id, State = ReportState.Upheld, Action = ReportAction.CommentHidden, Note = "rude" }, cancellationToken: Cancel);

        Assert.Equal((ReportAction.CommentHidden, subject.Discussion, subject.Comment), (resolved.Action, resolved.Discussion, resolved.Comment));
        var details = await Stranger.GetDiscussionAsync(new() { Name = Model, Number = subject.Discussion }, cancellationToken: Cancel);
        Assert.Equal((true, ""), (details.Events[0].Hidden, details.Events[0].Text));
        Assert.Equal("COMMENT_NOT_FOUND", await ReasonAsync(Engineer.ReportRepositoryAsync(new(Request()) { Discussion = subject.Discussion, Comment = subject.Comment }, cancellationToken: Cancel)));
        Assert.DoesNotContain(await StepsAsync(), step => step.Action is LifecycleAction.DecideReport);
    }

    [Fact]
    public async Task Reports_OfWhatIsMovedOrDeleted_FollowOrLapse()
    {
        await CreateAsync();
        await CreateAsync("acme/doomed");
        var kept = await ReportAsync(Engineer);
        var doomed = await ReportAsync(Engineer, name: "acme/doomed");

        await Engineer.MoveRepositoryAsync(new() { Name = Model, NewName = "acme/alpaca" }, cancellationToken: Cancel);
        await Engineer.DeleteRepositoryAsync(new() { Name = "acme/doomed" }, cancellationToken: Cancel);

        Assert.Equal(["acme/alpaca"], (await QueueAsync(new())).Select(report => report.Repository.Name));
        Assert.Equal([kept.Id], (await QueueAsync(new() { Name = Model })).Select(report => report.Id));
        var lapsed = await GetAsync(Engineer, doomed.Id);
        Assert.Equal((ReportState.Lapsed, "acme/doomed", "the repository was deleted"), (lapsed.State, lapsed.Repository.Name, lapsed.Note));
        Assert.Equal("REPORT_RESOLVED", await ReasonAsync(Curator.ResolveReportAsync(Dismissal(doomed.Id), cancellationToken: Cancel)));
        Assert.Equal("acme/alpaca", Assert.Single((await Curator.ListReportedRepositoriesAsync(new(), cancellationToken: Cancel)).Repositories).Repository.Name);
    }

    [Fact]
    public async Task Report_MadeWhileItsRepositoryIsDeleted_IsNeverLeftOpen()
    {
        for (var i = 0; i < 8; i++)
        {
            await CreateAsync($"acme/race{i}");
        }

        await Task.WhenAll(Enumerable.Range(0, 8).SelectMany(i => new[] { ReportingAsync($"acme/race{i}"), DeletingAsync($"acme/race{i}") }));

        Assert.Empty(await QueueAsync(new()));

        async Task ReportingAsync(string name)
        {
            try
            {
                await ReportAsync(Engineer, name: name);
            }
            catch (RpcException exception) when (exception.StatusCode is StatusCode.NotFound)
            {
                // The deletion was first.
            }
        }

        async Task DeletingAsync(string name) => await Engineer.DeleteRepositoryAsync(new() { Name = name }, cancellationToken: Cancel);
    }

    [Fact]
    public async Task Reports_Listed_AreFilteredAndPagedThroughTies()
    {
        var made = new List<Report>();
        foreach (var (i, name) in new[] { "acme/a", "acme/b", "acme/c" }.Index())
        {
            await CreateAsync(name);
            made.Add(await ReportAsync(Engineer, ReportCategory.Other, name: name));
            made.Add(await ReportAsync(As(People.Person("vic", "acme")), i is 1 ? ReportCategory.Malicious : ReportCategory.Copyright, name: name));
        }

        // All of one moment: ids decide.
        var expected = made.Select(report => report.Id).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(expected, await PagesAsync(token => Curator.ListReportsAsync(new() { PageSize = 4, PageToken = token }, cancellationToken: Cancel)));
        Assert.Equal(
            made.Where(report => report.Reporter is "vic").Select(report => report.Id).OrderDescending(StringComparer.Ordinal),
            await PagesAsync(token => As(People.Person("vic", "acme")).ListOwnReportsAsync(new() { PageSize = 2, PageToken = token }, cancellationToken: Cancel)));
        Assert.Equal([made[3].Id], (await QueueAsync(new() { Categories = { ReportCategory.Malicious } })).Select(report => report.Id));
        Assert.Equal(made.Skip(2).Take(2).Select(report => report.Id).Order(StringComparer.Ordinal), (await QueueAsync(new() { Name = "acme/b" })).Select(report => report.Id));
        Assert.Empty(await QueueAsync(new() { States = { ReportState.Upheld } }));

        _clock.Jump(TimeSpan.FromSeconds(1));
        var later = await ReportAsync(As(People.Person("gus", "acme")), name: "acme/a");
        Assert.Equal(later.Id, (await QueueAsync(new()))[^1].Id);
    }

    [Fact]
    public async Task ReportedRepositories_AreCountedAndPagedThroughTies()
    {
        var ids = new Dictionary<string, string>();
        foreach (var name in new[] { "acme/a", "acme/b", "acme/c" })
        {
            ids[name] = (await CreateAsync(name)).Id;
            await ReportAsync(Engineer, name: name);
        }

        await CreateAsync("acme/calm");
        _clock.Jump(TimeSpan.FromSeconds(1));
        var second = await ReportAsync(As(People.Person("vic", "acme")), ReportCategory.Malicious, name: "acme/b");
        await Curator.TakeReportAsync(new() { Id = second.Id }, cancellationToken: Cancel);

        var (found, token) = (new List<ReportedRepository>(), "");
        do
        {
            var page = await Curator.ListReportedRepositoriesAsync(new() { PageSize = 1, PageToken = token }, cancellationToken: Cancel);
            found.AddRange(page.Repositories);
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        Assert.Equal(ids.OrderBy(pair => pair.Value, StringComparer.Ordinal).Select(pair => pair.Key), found.Select(one => one.Repository.Name));
        var counted = found.Single(one => one.Repository.Name is "acme/b");
        Assert.Equal((2L, 1L, second.CreatedAt.ToDateTimeOffset().AddSeconds(-1)), (counted.Reports, counted.Unassigned, counted.OldestAt.ToDateTimeOffset()));
        Assert.Equal([(ReportCategory.Malicious, 1L), (ReportCategory.Other, 1L)], counted.Categories.Select(count => (count.Category, count.Reports)));
    }

    [Fact]
    public async Task Reports_OfOneAccount_AreBoundedForEachDay()
    {
        for (var i = 0; i <= 50; i++)
        {
            await CreateAsync($"acme/m{i}");
        }

        for (var i = 0; i < 50; i++)
        {
            await ReportAsync(Engineer, name: $"acme/m{i}");
        }

        Assert.Equal("TOO_MANY_REPORTS", await ReasonAsync(Engineer.ReportRepositoryAsync(new(Request()) { Name = "acme/m50" }, cancellationToken: Cancel)));
        Assert.True((await Engineer.ReportRepositoryAsync(new(Request()) { Name = "acme/m7" }, cancellationToken: Cancel)).Existed);
        await ReportAsync(As(People.Person("vic", "acme")), name: "acme/m50");
        _clock.Jump(TimeSpan.FromDays(1));
        await ReportAsync(Engineer, name: "acme/m50");
    }

    [Fact]
    public async Task Reports_OfOneRepository_AreBounded()
    {
        var repository = await CreateAsync();
        await using (var context = await Garden.PartsOf(ServiceNames.Catalog).GetRequiredService<IDbContextFactory<CatalogDbContext>>().CreateDbContextAsync(Cancel))
        {
            context.Reports.AddRange(Enumerable.Range(0, 1000).Select(i => new StoredReport
            {
                Id = CollectionSlug.NewId(), RepositoryId = repository.Id, Repository = Model, Kind = RepositoryKind.Model, Reporter = $"r{i}", ReporterKey = $"r{i}",
                Category = ReportCategory.Other, Text = "x", Revision = "", Path = "", Discussion = 0, Comment = 0, At = _clock.GetUtcNow(),
            }));
            await context.SaveChangesAsync(Cancel);
        }

        Assert.Equal("TOO_MANY_REPORTS", await ReasonAsync(Engineer.ReportRepositoryAsync(Request(), cancellationToken: Cancel)));
        var report = (await QueueAsync(new() { PageSize = 1 }))[0];
        await Curator.ResolveReportAsync(new(Dismissal(report.Id)) { AllOfRepository = true }, cancellationToken: Cancel);
        Assert.Empty(await QueueAsync(new()));
        await ReportAsync(Engineer);
    }

    private CatalogClient Limited(Principal principal, params string[] scopes)
    {
        var caller = new Principal(principal);
        caller.Scopes.Clear();
        caller.Scopes.Add(scopes);
        return As(caller);
    }

    private static ReportRepositoryRequest Request(ReportCategory category = ReportCategory.Other, string text = "it is wrong") => new() { Name = Model, Category = category, Text = text };

    private static ResolveReportRequest Dismissal(string id) => new() { Id = id, State = ReportState.Dismissed, Note = "all is well" };

    private static async Task<Report> ReportAsync(
        CatalogClient client, ReportCategory category = ReportCategory.Other, string text = "it is wrong", string name = Model, string path = "", (long Discussion, long Comment) comment = default)
    {
        var request = new ReportRepositoryRequest { Name = name, Category = category, Text = text, Path = path, Discussion = comment.Discussion, Comment = comment.Comment };
        var made = await client.ReportRepositoryAsync(request, cancellationToken: Cancel);
        Assert.False(made.Existed);
        return made.Report;
    }

    /// <summary>A discussion of a stranger's, with this as its first comment.</summary>
    private async Task<(long Discussion, long Comment)> CommentAsync(string text)
    {
        var discussion = await Stranger.OpenDiscussionAsync(new() { Name = Model, Title = "A word", Description = text }, cancellationToken: Cancel);
        var details = await Stranger.GetDiscussionAsync(new() { Name = Model, Number = discussion.Number }, cancellationToken: Cancel);
        return (discussion.Number, details.Events[0].Id);
    }

    private async Task<Report> DismissAsync(string id) => await Curator.ResolveReportAsync(Dismissal(id), cancellationToken: Cancel);

    private static async Task<Report> GetAsync(CatalogClient client, string id) => await client.GetReportAsync(new() { Id = id }, cancellationToken: Cancel);

    private static async Task<IReadOnlyList<Report>> OwnAsync(CatalogClient client) => (await client.ListOwnReportsAsync(new(), cancellationToken: Cancel)).Reports;

    private async Task<IReadOnlyList<Report>> QueueAsync(ListReportsRequest request) => (await Curator.ListReportsAsync(request, cancellationToken: Cancel)).Reports;

    private static async Task<IReadOnlyList<string>> PagesAsync(Func<string, AsyncUnaryCall<ListReportsResponse>> list)
    {
        var (ids, token) = (new List<string>(), "");
        do
        {
            var page = await list(token);
            ids.AddRange(page.Reports.Select(report => report.Id));
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        return ids;
    }

    private async Task<IReadOnlyList<LifecycleStep>> StepsAsync(CatalogClient? client = null) => (await (client ?? Engineer).ListLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel)).Steps;

    private async Task VerifiedAsync(CatalogClient? client = null) => Assert.Equal("", (await (client ?? Engineer).VerifyLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel)).Fault);
}

public sealed class ReportOnSqliteTests() : ReportTests(Engine.Sqlite);

public sealed class ReportOnPostgresTests() : ReportTests(Engine.Postgres);
