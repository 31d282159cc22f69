using Microsoft.AspNetCore.Http;
using ModelGarden.Cli.Tests.Doubles;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Tests.Commands;

public sealed class ModelTests : IAsyncLifetime
{
    private const string Commit = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private GardenDouble _garden = null!;
    private Machine _machine = null!;

    private static Repository Tiny => new()
    {
        Name = "acme/tiny",
        Head = Commit,
        Lifecycle = Lifecycle.Published,
        Downloads = 7,
        Record = new()
        {
            Revision = Commit,
            Declared = new() { Task = "text-generation", Library = "transformers", Licenses = { "kjv-1.0", "mystery" }, Summary = "tiny\u001b]0;title\a" },
            Measured = new() { Parameters = 1_234_567, Verdict = Verdict.Clean, FileCount = 2, Size = 12_345 },
        },
    };

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenDouble.StartAsync();
        _machine = new(_garden);
        _garden.On<ResolveRevisionRequest>("ResolveRevision", request =>
        {
            Assert.Equal("acme/tiny", request.Name);
            return new ResolveRevisionResponse { Repository = Tiny, Commit = Commit, Record = Tiny.Record };
        });
        _garden.On<GetLicenseRequest>("GetLicense", request => request.Id is "kjv-1.0"
            ? new License { Id = "kjv-1.0", Title = "The Licence", RequiresAcceptance = true }
            : throw new Refused(404, "LICENSE_NOT_FOUND", "no such licence"));
        _garden.On<ListTreeRequest>("ListTree", request =>
        {
            Assert.Equal((Commit, true), (request.Revision, request.Recursive));
            return new ListTreeResponse { Commit = Commit, Entries = { new TreeEntry { Path = "model.bin", Size = 2_500_000, Sha256 = new('b', 64) } } };
        });
        _garden.On<ListLifecycleRequest>("ListLifecycle", _ => throw new Refused(403, "ROLE_MISSING", "not yours"));
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
    }

    [Fact]
    public async Task Search_WithFilters_AsksAndShowsATable()
    {
        QueryRequest? asked = null;
        _garden.On<QueryRequest>("Query", request =>
        {
            asked = request;
            return new QueryResponse { Hits = { new Hit { Repository = Tiny } }, Total = 3, NextPageToken = "" };
        });

        var ran = (await _machine.RunAsync(
            "models", "search", "tiny", "king james", "--task", "text-generation", "--task", "x", "--library", "l", "--license", "a&b=c", "--language", "en", "--tag", "t", "--owner", "acme", "--sort", "downloads", "--limit", "3")).Ok();

        Assert.Equal(
            new QueryRequest
            {
                Query = "tiny king james", Kind = Contracts.V1.RepositoryKind.Model, Sort = "downloads", PageSize = 3,
                Tasks = { "text-generation", "x" }, Libraries = { "l" }, Licenses = { "a&b=c" }, Languages = { "en" }, Tags = { "t" }, Owners = { "acme" },
            },
            asked);
        Assert.Matches(@"^MODEL +TASK +LIBRARY +LICENCE +PARAMETERS +DOWNLOADS +STATE\nacme/tiny +text-generation +transformers +kjv-1\.0, mystery +1\.2M +7 +published\n$", ran.Out);
        Assert.Contains("1 of 3", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_Folded_ShowsHowManyStandUnderEach()
    {
        _garden.On<QueryRequest>("Query", _ => new QueryResponse { Hits = { new Hit { Repository = Tiny, Folded = 1200 }, new Hit { Repository = Tiny } }, Total = 2 });

        var ran = (await _machine.RunAsync("models", "search", "tiny", "fold:base")).Ok();

        Assert.Matches(@"^MODEL .* STATE +FOLDED\nacme/tiny .* published +1200\nacme/tiny .* published +0\n$", ran.Out);
    }

    [Fact]
    public async Task Similar_OfAModel_AsksAndShowsATable()
    {
        SimilarRequest? asked = null;
        _garden.On<SimilarRequest>("Similar", request =>
        {
            asked = request;
            return new SimilarResponse { Hits = { new Hit { Repository = Tiny, Score = 5 } } };
        });

        var ran = (await _machine.RunAsync("models", "similar", "acme/other", "--limit", "3")).Ok();

        Assert.Equal(new SimilarRequest { Name = "acme/other", Kind = Contracts.V1.RepositoryKind.Model, Limit = 3 }, asked);
        Assert.Contains(_garden.Requests, request => request.Path.StartsWith("/garden/v1/repositories/acme/other/similar", StringComparison.Ordinal));
        Assert.Matches("^MODEL .*\nacme/tiny +text-generation ", ran.Out);
    }

    [Fact]
    public async Task Similar_ToNothing_SaysSo()
    {
        _garden.On<SimilarRequest>("Similar", _ => new SimilarResponse());

        var ran = (await _machine.RunAsync("models", "similar", "acme/other")).Ok();

        Assert.Equal("", ran.Out);
        Assert.Contains("no model is like that one", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_MorePages_AreReadUpToTheLimit()
    {
        _garden.On<QueryRequest>("Query", request => new QueryResponse
        {
            Hits = { Enumerable.Range(0, Math.Min(request.PageSize, 400)).Select(_ => new Hit { Repository = Tiny }) },
            Total = 900,
            NextPageToken = request.PageToken + "x",
        });

        var ran = (await _machine.RunAsync("models", "search", "--limit", "600", "--json")).Ok();

        Assert.Equal(600, ran.Json["hits"]!.AsArray().Count);
        Assert.Equal("900", (string?)ran.Json["total"]);
        Assert.Equal(2, _garden.Requests.Count);
    }

    [Fact]
    public async Task Search_OnATerminal_DrawsAndDoesNotObey()
    {
        var evil = Tiny;
        evil.Record.Declared.Task = "\u001b[2Jcleared";
        _garden.On<QueryRequest>("Query", _ => new QueryResponse { Hits = { new Hit { Repository = evil } }, Total = 1 });
        _machine.IsTerminal = true;

        var ran = (await _machine.RunAsync("models", "search")).Ok();

        Assert.Contains("╭", ran.Out, StringComparison.Ordinal);
        Assert.Contains("\u001b[", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[2J", ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_NoColour_IsHonoured()
    {
        _garden.On<QueryRequest>("Query", _ => new QueryResponse { Hits = { new Hit { Repository = Tiny } }, Total = 1 });
        _machine.IsTerminal = true;
        _machine["NO_COLOR"] = "1";

        var ran = (await _machine.RunAsync("models", "search")).Ok();

        Assert.Contains("╭", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[3", ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_UnknownOrder_IsWrongUsage() =>
        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync("models", "search", "--sort", "beauty")).Code);

    [Fact]
    public async Task Show_AModel_SaysWhatIsDeclaredMeasuredAndMissing()
    {
        var ran = (await _machine.RunAsync("models", "show", "acme/tiny@v1")).Ok();

        Assert.Contains(_garden.Requests, request => request.Path == "/garden/v1/repositories/acme/tiny/revision?revision=v1");
        Assert.Contains("kjv-1.0: The Licence: not accepted: garden licenses accept kjv-1.0", ran.Out, StringComparison.Ordinal);
        Assert.Contains("mystery: not known to this garden", ran.Out, StringComparison.Ordinal);
        Assert.Contains("model.bin  2.5 MB", ran.Out, StringComparison.Ordinal);
        Assert.Contains("1.2M", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_InJson_IsOneDocument()
    {
        var json = (await _machine.RunAsync("models", "show", "acme/tiny", "--json")).Ok().Json;

        Assert.Equal(Commit, (string?)json["commit"]);
        Assert.Equal("text-generation", (string?)json["record"]!["declared"]!["task"]);
        Assert.False((bool)json["licenses"]![0]!["accepted"]!);
        Assert.Equal("2500000", (string?)json["files"]![0]!["size"]);
    }

    [Fact]
    public async Task Tensors_OfSeveralPages_AreListedAll()
    {
        _garden.On<ListTensorsRequest>("ListTensors", request => request.PageToken.Length is 0
            ? new ListTensorsResponse { Tensors = { new Tensor { Name = "wte", Type = "F32", Shape = { 3, 4 } } }, NextPageToken = "on", Total = 2, Commit = Commit }
            : new ListTensorsResponse { Tensors = { new Tensor { Name = "scale", Type = "BF16" } }, Total = 2, Commit = Commit });

        var ran = (await _machine.RunAsync("models", "tensors", "acme/tiny@v1", "sub/model.safetensors")).Ok();
        var json = (await _machine.RunAsync("models", "tensors", "acme/tiny", "model.safetensors", "--json")).Ok().Json;

        Assert.Contains(_garden.Requests, request => request.Path == "/garden/v1/repositories/acme/tiny/tensors?revision=v1&path=sub%2Fmodel.safetensors&pageSize=1000&pageToken=on");
        Assert.Matches(@"(?m)^wte +F32 +3 × 4$", ran.Out);
        Assert.Matches(@"(?m)^scale +BF16", ran.Out);
        Assert.Equal(["wte", "scale"], json["tensors"]!.AsArray().Select(tensor => (string?)tensor!["name"]));
    }

    [Fact]
    public async Task Card_OfARevision_IsItsTextOrItsHtml()
    {
        _garden.On<ReadCardRequest>("ReadCard", _ => new ReadCardResponse
        {
            Commit = Commit, CardJson = "{}", Markdown = "# *Tiny*", Html = "<h1><em>Tiny</em></h1>\n", Issues = { new CardIssue { Severity = "warning", Line = 2, Column = 1, Field = "license", Message = "is none" } },
        });

        var text = (await _machine.RunAsync("models", "card", "acme/tiny@v1")).Ok();
        var html = (await _machine.RunAsync("models", "card", "acme/tiny", "--html")).Ok();
        var json = (await _machine.RunAsync("models", "card", "acme/tiny", "--json")).Ok().Json;

        Assert.Contains(_garden.Requests, request => request.Path == "/garden/v1/repositories/acme/tiny/card?revision=v1");
        Assert.Equal(("# *Tiny*\n", "warning: README.md line 2, field license: is none\n"), (text.Out, text.Err));
        Assert.Equal("<h1><em>Tiny</em></h1>\n", html.Out);
        Assert.Equal((Commit, "# *Tiny*", "license"), ((string?)json["commit"], (string?)json["markdown"], (string?)json["issues"]![0]!["field"]));
    }

    [Fact]
    public async Task Card_OnATerminal_DoesNotMoveTheCursor()
    {
        _garden.On<ReadCardRequest>("ReadCard", _ => new ReadCardResponse { Markdown = "a\u001b[2Jb\n" });
        _machine.IsTerminal = true;

        Assert.DoesNotContain("\u001b[2J", (await _machine.RunAsync("models", "card", "acme/tiny")).Ok().Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Card_WhereThereIsNone_SaysSo()
    {
        _garden.Refuse("ReadCard", 404, "CARD_NOT_FOUND", "there is no card");

        var ran = await _machine.RunAsync("models", "card", "acme/tiny");

        Assert.Equal((ExitCodes.Failed, "error: there is no card (CARD_NOT_FOUND)\n"), (ran.Code, ran.Err));
    }

    [Theory]
    [InlineData("HEAD", "acme/tiny")]
    [InlineData("refs%2Fpr%2F1", "acme/tiny@refs/pr/1")]
    [InlineData("v1..main", "acme/tiny@main", "--from", "v1")]
    public async Task Diff_OfARevision_IsShownAsItComes(string compared, params string[] arguments)
    {
        _garden.OnPath("GET", "/api/models/acme/tiny/compare/", http =>
        {
            http.Response.Headers["X-Repo-Commit"] = Commit;
            return http.Response.WriteAsync("@@ -1 +1 @@\n-old\r\n+new\r\n");
        });

        var ran = (await _machine.RunAsync(["models", "diff", .. arguments])).Ok();
        var json = (await _machine.RunAsync(["models", "diff", .. arguments, "--json"])).Ok().Json;

        Assert.Contains(_garden.Requests, request => request.Path == $"/api/models/acme/tiny/compare/{compared}");
        Assert.Equal("@@ -1 +1 @@\n-old\r\n+new\r\n", ran.Out);
        Assert.Equal((Commit, ran.Out), ((string?)json["commit"], (string?)json["diff"]));
    }

    [Theory]
    [InlineData("tiny")]
    [InlineData("acme/tiny@")]
    [InlineData("acme/../x")]
    [InlineData("a/b/c")]
    public async Task Show_NameThatIsNone_IsWrongUsageAndNothingIsAsked(string name)
    {
        var ran = await _machine.RunAsync("models", "show", name);

        Assert.Equal(ExitCodes.Usage, ran.Code);
        Assert.Empty(_garden.Requests);
    }

    [Fact]
    public async Task Show_UnknownModel_SaysSo()
    {
        _garden.Refuse("ResolveRevision", 404, "REPOSITORY_NOT_FOUND", "there is no acme/tiny");

        var ran = await _machine.RunAsync("models", "show", "acme/tiny");

        Assert.Equal((ExitCodes.Failed, "error: there is no acme/tiny (REPOSITORY_NOT_FOUND)\n"), (ran.Code, ran.Err));
    }

    [Fact]
    public async Task Review_Approve_TakesTheStepsThatAreLeft()
    {
        var (state, steps) = (Lifecycle.Submitted, new List<ChangeLifecycleRequest>());
        Life(() => state, request =>
        {
            steps.Add(request);
            state = request.Action is LifecycleAction.StartReview ? Lifecycle.InReview : request.Action is LifecycleAction.Approve ? Lifecycle.Approved : Lifecycle.Published;
        });

        (await _machine.RunAsync("models", "review", "acme/tiny", "--approve", "--comment", "fine")).Ok();
        (await _machine.RunAsync("models", "review", "acme/tiny", "--publish")).Ok();

        Assert.Equal([LifecycleAction.StartReview, LifecycleAction.Approve, LifecycleAction.Publish], steps.Select(step => step.Action));
        Assert.Equal("fine", steps[1].Comment);
    }

    [Fact]
    public async Task Review_Reject_SendsTheReason()
    {
        ChangeLifecycleRequest? sent = null;
        Life(() => Lifecycle.Draft, request => sent = request);

        var ran = (await _machine.RunAsync("models", "review", "acme/tiny", "--reject", "--comment", "no card", "--json")).Ok();

        Assert.Equal((LifecycleAction.Reject, "no card"), (sent!.Action, sent.Comment));
        Assert.Equal("LIFECYCLE_DRAFT", (string?)ran.Json["lifecycle"]);
    }

    [Theory]
    [InlineData("--reject")]
    [InlineData("--reject", "--approve", "--comment", "x")]
    [InlineData("--comment", "x")]
    public async Task Review_Undecided_IsWrongUsage(params string[] options) =>
        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync(["models", "review", "acme/tiny", .. options])).Code);

    private void Life(Func<Lifecycle> state, System.Action<ChangeLifecycleRequest> change)
    {
        _garden.On<GetRepositoryRequest>("GetRepository", _ => new Repository { Name = "acme/tiny", Lifecycle = state(), SubmittedRevision = Commit });
        _garden.On<ChangeLifecycleRequest>("ChangeLifecycle", request =>
        {
            change(request);
            return new Repository { Name = "acme/tiny", Lifecycle = state(), SubmittedRevision = Commit };
        });
    }
}
