using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Testing;
using Contract = ModelGarden.Contracts.V1.Search;

namespace ModelGarden.Search.Tests;

public sealed class SearchServiceTests : IAsyncLifetime
{
    private readonly CatalogDouble _catalog = new();
    private TestGarden _garden = null!;

    private static CancellationToken Cancel => Patience.Cancel;

    public async ValueTask InitializeAsync() => _garden = await TestGarden.StartAsync(_catalog.Definition, SearchModule.Definition);

    public ValueTask DisposeAsync() => _garden.DisposeAsync();

    [Fact]
    public async Task Query_BeforeTheFeedHasCaughtUp_SaysSo()
    {
        _catalog.Say(Sample.Published("acme/model"));

        await FailsAsync(StatusCode.Unavailable, "INDEX_BUILDING", new());
        using var health = await _garden.Http(ServiceNames.Search).GetAsync("/healthz", Cancel);

        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, health.StatusCode);
        _catalog.SayCaughtUp();
        await UntilAsync(People.Anonymous, new(), response => response.Total is 1);
    }

    [Fact]
    public async Task Query_AfterChanges_FollowsThem()
    {
        _catalog.Say(Sample.Published("acme/one"));
        _catalog.SaySomethingElse();
        _catalog.SayCaughtUp();
        await UntilAsync(People.Anonymous, new(), response => response.Total is 1);

        _catalog.Say(Sample.Published("acme/two"));
        await UntilAsync(People.Anonymous, new() { Text = "two" }, response => response.Total is 1);
        _catalog.Say(Sample.Published("acme/two", change: repository => repository.Name = "acme/moved"));
        await UntilAsync(People.Anonymous, new() { Text = "moved" }, response => response.Hits.Select(hit => hit.Repository.Name).SequenceEqual(["acme/moved"]));
        Assert.Equal(2, (await QueryAsync(People.Anonymous, new())).Total);
        _catalog.Say(Sample.Published("acme/two"));
        _catalog.SayGone("id-of-acme/one");
        await UntilAsync(People.Anonymous, new(), response => response.Hits.Select(hit => hit.Repository.Name).SequenceEqual(["acme/two"]));
        _catalog.Say(Sample.Published("acme/two", change: repository => repository.Lifecycle = Lifecycle.TakenDown));
        await UntilAsync(People.Anonymous, new(), response => response.Total is 0);
    }

    [Fact]
    public async Task Query_ByTask_FindsModelsByTheirTag_AndDataSetsByTheirCategories()
    {
        _catalog.Say(Sample.Published("acme/model"));
        _catalog.Say(Sample.Published("acme/data", Declare, repository => repository.Kind = RepositoryKind.Dataset));
        _catalog.SayCaughtUp();
        await UntilAsync(People.Anonymous, new(), response => response.Total is 2);

        Assert.Equal(["acme/data"], (await QueryAsync(People.Anonymous, new() { Tasks = { "summarization" } })).Hits.Select(hit => hit.Repository.Name));
        Assert.Equal(["acme/model"], (await QueryAsync(People.Anonymous, new() { Tasks = { "text-generation" } })).Hits.Select(hit => hit.Repository.Name));

        static void Declare(DeclaredFacts facts)
        {
            facts.Task = "";
            facts.TaskCategories.AddRange(["question-answering", "summarization"]);
        }
    }

    [Theory]
    [InlineData("parameters", "acme/large acme/small acme/none")]
    [InlineData("size", "acme/small acme/large acme/none")]
    public async Task Query_SortedByWhatIsMeasured_HasTheGreatestFirst(string sort, string names)
    {
        _catalog.Say(Measured("acme/small", new() { Parameters = 7, Size = 900 }));
        _catalog.Say(Measured("acme/none", new()));
        _catalog.Say(Measured("acme/large", new() { Parameters = 70, Size = 800 }));
        _catalog.SayCaughtUp();

        await UntilAsync(People.Anonymous, new() { Sort = sort }, response => string.Join(' ', response.Hits.Select(hit => hit.Repository.Name)) == names);

        static Repository Measured(string name, MeasuredFacts facts) => Sample.Published(name, change: repository => repository.Record.Measured = repository.PublishedRecord.Measured = facts);
    }

    [Fact]
    public async Task Query_WhenTheFeedStartsOver_AnswersFromTheOldIndexUntilTheNewIsWhole()
    {
        _catalog.Say(Sample.Published("acme/old"));
        _catalog.SayCaughtUp();
        await UntilAsync(People.Anonymous, new(), response => response.Total is 1);

        _catalog.StartOver();
        _catalog.Say(Sample.Published("acme/new"));
        _catalog.Say(Sample.Published("acme/newer"));
        Assert.Equal("acme/old", Assert.Single((await QueryAsync(People.Anonymous, new())).Hits).Repository.Name);
        _catalog.SayCaughtUp();

        await UntilAsync(People.Anonymous, new() { Sort = "name" }, response => response.Hits.Select(hit => hit.Repository.Name).SequenceEqual(["acme/new", "acme/newer"]));
    }

    [Fact]
    public async Task Query_ByDifferentPeople_EachSeesHisOwn()
    {
        _catalog.Say(Sample.Published("acme/public"));
        _catalog.Say(Sample.Draft("acme/draft"));
        _catalog.Say(Sample.Published("acme/private", change: repository => repository.Visibility = Visibility.Private));
        _catalog.Say(Sample.Published("acme/gone", change: repository => repository.Lifecycle = Lifecycle.TakenDown));
        _catalog.SayCaughtUp();
        await UntilAsync(People.Operator, new(), response => response.Total is 4);
        var callOnly = People.Engineer("acme").Clone();
        callOnly.Scopes.Clear();
        callOnly.Scopes.Add(Scopes.Call);

        Assert.Equal((1, 1), (await TotalAsync(People.Anonymous), await TotalAsync(People.Engineer("globex"))));
        Assert.Equal((3, 1), (await TotalAsync(People.Engineer("acme")), await TotalAsync(callOnly)));
        Assert.Equal((4, 4), (await TotalAsync(People.Curator), await TotalAsync(People.Service(ServiceNames.Hub))));
    }

    [Fact]
    public async Task Query_Pages_GoOnAndKnowTheirQuery()
    {
        foreach (var i in Enumerable.Range(0, 5))
        {
            _catalog.Say(Sample.Published($"acme/model-{i}"));
        }

        _catalog.SayCaughtUp();
        await UntilAsync(People.Anonymous, new(), response => response.Total is 5);
        var first = await QueryAsync(People.Anonymous, new() { Text = "model", PageSize = 3 });
        var second = await QueryAsync(People.Anonymous, new() { Text = "model", PageSize = 500, PageToken = first.NextPageToken });

        Assert.Equal((3, 2, "", 5L), (first.Hits.Count, second.Hits.Count, second.NextPageToken, second.Total));
        Assert.Equal(5, first.Hits.Concat(second.Hits).Select(hit => hit.Repository.Id).Distinct().Count());
        await FailsAsync(StatusCode.InvalidArgument, "BAD_PAGE_TOKEN", new() { Text = "another", PageToken = first.NextPageToken });
        await FailsAsync(StatusCode.InvalidArgument, "BAD_PAGE_TOKEN", new() { Text = "model", Sort = "name", PageToken = first.NextPageToken });
        await FailsAsync(StatusCode.InvalidArgument, "BAD_PAGE_TOKEN", new() { Text = "model", Tags = { "x" }, PageToken = first.NextPageToken });
        await FailsAsync(StatusCode.InvalidArgument, "BAD_PAGE_TOKEN", new() { Text = "model", PageToken = first.NextPageToken[..^3] });
        await FailsAsync(StatusCode.InvalidArgument, "BAD_PAGE_TOKEN", new() { PageToken = "bnVsbA" });
        await FailsAsync(StatusCode.InvalidArgument, "BAD_PAGE_TOKEN", new() { PageToken = "*" });
    }

    [Fact]
    public async Task Query_BadRequests_EachRefusedByItsReason()
    {
        _catalog.SayCaughtUp();
        await UntilAsync(People.Anonymous, new(), response => response.Total is 0);

        await FailsAsync(StatusCode.InvalidArgument, "BAD_SORT", new() { Sort = "stars" });
        await FailsAsync(StatusCode.InvalidArgument, "BAD_FACET", new() { Facets = { "colour" } });
        await FailsAsync(StatusCode.InvalidArgument, "BAD_PAGE_SIZE", new() { PageSize = 501 });
        await FailsAsync(StatusCode.InvalidArgument, "BAD_PAGE_SIZE", new() { PageSize = -1 });
        await FailsAsync(StatusCode.InvalidArgument, "TEXT_TOO_LONG", new() { Text = new('x', 1001) });
        await FailsAsync(StatusCode.InvalidArgument, "TOO_MANY_WORDS", new() { Text = string.Join(' ', Enumerable.Range(0, 33)) });
        Assert.Equal(0, (await QueryAsync(People.Anonymous, new() { Text = string.Join(' ', Enumerable.Range(0, 200).Select(i => i % 32)) })).Total);
        await FailsAsync(StatusCode.InvalidArgument, "TOO_MANY_VALUES", new() { Tags = { Enumerable.Range(0, 101).Select(i => $"{i}") } });
        await FailsAsync(StatusCode.InvalidArgument, "TOO_MANY_VALUES", new() { Query = "-tag:" + string.Join(',', Enumerable.Range(0, 101)) });
        await FailsAsync(StatusCode.InvalidArgument, "TOO_MANY_WORDS", new() { Query = string.Join(' ', Enumerable.Range(0, 33).Select(i => $"-{i}")) });
        await FailsAsync(StatusCode.InvalidArgument, "TEXT_TOO_LONG", new() { Query = new('x', 1001) });
        await FailsAsync(StatusCode.InvalidArgument, "BAD_QUERY", new() { Query = "licence:mit" });
        await FailsAsync(StatusCode.InvalidArgument, "GIVEN_TWICE", new() { Query = "task:a", Tasks = { "b" } });
        await FailsAsync(StatusCode.InvalidArgument, "GIVEN_TWICE", new() { Query = "params<8B", MaximumParameters = 0 });
        await FailsAsync(StatusCode.InvalidArgument, "GIVEN_TWICE", new() { Query = "kind:model", Kind = RepositoryKind.Dataset });
        await FailsAsync(StatusCode.InvalidArgument, "TEXT_TOO_LONG", new() { Phrases = { new string('x', 1001) } });
        await FailsAsync(StatusCode.InvalidArgument, "TOO_MANY_VALUES", new() { Phrases = { Enumerable.Repeat("!", 33) } });
        await FailsAsync(StatusCode.InvalidArgument, "TOO_MANY_WORDS", new() { Phrases = { string.Join(' ', Enumerable.Range(0, 33)) } });
        await FailsAsync(StatusCode.InvalidArgument, "TOO_MANY_WORDS", new() { Query = "-\"" + string.Join(' ', Enumerable.Range(0, 33)) + "\"" });
        await FailsAsync(StatusCode.InvalidArgument, "GIVEN_TWICE", new() { Query = "fold:base", Fold = true });
        await FailsAsync(StatusCode.InvalidArgument, "BAD_EXCLUSION", new() { Excluded = { new Exclusion { Field = "colour", Values = { "red" } } } });
    }

    [Fact]
    public async Task Query_InTheQueryLanguage_FindsWhatItSays()
    {
        _catalog.Say(Sample.Published("acme/chat-small", facts => facts.Licenses.Add("mit"), repository => repository.PublishedRecord.Measured = new() { Parameters = 7_240_000_000 }));
        _catalog.Say(Sample.Published("acme/chat-merged", facts => facts.Tags.Add("merge"), repository => repository.PublishedRecord.Measured = new() { Parameters = 7_000_000_000 }));
        _catalog.Say(Sample.Published("globex/chat-large", change: repository => repository.PublishedRecord.Measured = new() { Parameters = 70_000_000_000 }));
        _catalog.SayCaughtUp();
        await UntilAsync(People.Anonymous, new(), response => response.Total is 3);

        Assert.Equal("acme/chat-small globex/chat-large", await FoundAsync("chat -tag:Merge sort:name"));
        Assert.Equal("acme/chat-merged acme/chat-small", await FoundAsync("params:7B sort:name"));
        Assert.Equal("acme/chat-merged globex/chat-large", await FoundAsync("chat -small sort:name"));
        Assert.Equal("globex/chat-large", await FoundAsync("owner:globex,initech params>8B cha"));
        Assert.Equal("", await FoundAsync("owner:globex,initech cha "));
        Assert.Equal("acme/chat-small", await FoundAsync("license:mit \"chat small\""));
        Assert.Equal("", await FoundAsync("license:mit \"small chat\""));

        async Task<string> FoundAsync(string query) => string.Join(' ', (await QueryAsync(People.Anonymous, new() { Query = query })).Hits.Select(hit => hit.Repository.Name));
    }

    [Fact]
    public async Task Query_ThatExcludesMore_IsNotTheOneThatThePageIsOf()
    {
        foreach (var i in Enumerable.Range(0, 3))
        {
            _catalog.Say(Sample.Published($"acme/model-{i}"));
        }

        _catalog.SayCaughtUp();
        await UntilAsync(People.Anonymous, new(), response => response.Total is 3);
        var first = await QueryAsync(People.Anonymous, new() { Query = "model -tag:x", PageSize = 1 });

        Assert.Single((await QueryAsync(People.Anonymous, new() { Text = "model ", Excluded = { new Exclusion { Field = "tag", Values = { "X" } } }, PageSize = 1, PageToken = first.NextPageToken })).Hits);
        await FailsAsync(StatusCode.InvalidArgument, "BAD_PAGE_TOKEN", new() { Query = "model", PageToken = first.NextPageToken });
        await FailsAsync(StatusCode.InvalidArgument, "BAD_PAGE_TOKEN", new() { Query = "model -tag:x -zebra", PageToken = first.NextPageToken });
    }

    [Fact]
    public async Task Complete_NamesThatBeginSo_OfWhatOneSees()
    {
        await CompleteFailsAsync(StatusCode.Unavailable, "INDEX_BUILDING", new());
        _catalog.Say(Sample.Published("acme/llama-small", change: repository => repository.Downloads = 1));
        _catalog.Say(Sample.Published("globex/Llama-large", change: repository => repository.Downloads = 2));
        _catalog.Say(Sample.Draft("acme/llama-draft"));
        _catalog.SayCaughtUp();
        await UntilAsync(People.Anonymous, new(), response => response.Total is 2);

        Assert.Equal(["globex/Llama-large", "acme/llama-small"], await CompleteAsync(People.Anonymous, new() { Beginning = "LLA" }));
        Assert.Equal(["globex/Llama-large"], await CompleteAsync(People.Anonymous, new() { Beginning = "lla", Limit = 1 }));
        Assert.Equal(["acme/llama-small", "acme/llama-draft"], await CompleteAsync(People.Engineer("acme"), new() { Beginning = "acme/" }));
        Assert.Empty(await CompleteAsync(People.Anonymous, new() { Beginning = "mistral" }));
        await CompleteFailsAsync(StatusCode.InvalidArgument, "BAD_LIMIT", new() { Limit = 51 });
        await CompleteFailsAsync(StatusCode.InvalidArgument, "BAD_LIMIT", new() { Limit = -1 });
        await CompleteFailsAsync(StatusCode.InvalidArgument, "BEGINNING_TOO_LONG", new() { Beginning = new('x', 201) });
    }

    [Fact]
    public async Task Similar_ToAModel_WhatIsLikeItOfWhatOneSees()
    {
        _catalog.Say(Sample.Published("meta/llama"));
        _catalog.Say(Sample.Published("acme/chat", facts => facts.BaseModels.Add("meta/llama")));
        _catalog.Say(Sample.Published("globex/talk", facts => facts.BaseModels.Add("META/Llama")));
        _catalog.Say(Sample.Published("globex/secret", facts => facts.BaseModels.Add("meta/llama"), repository => repository.Visibility = Visibility.Private));
        _catalog.Say(Sample.Published("globex/data", facts => facts.BaseModels.Add("meta/llama"), repository => repository.Kind = RepositoryKind.Dataset));
        _catalog.Say(Sample.Published("initech/alone", facts => facts.Task = "other"));
        _catalog.SayCaughtUp();
        await UntilAsync(People.Anonymous, new(), response => response.Total is 5);

        Assert.Equal(["globex/talk", "meta/llama"], (await SimilarAsync(People.Anonymous, new() { Name = "ACME/chat", Limit = 2 })).Select(hit => hit.Repository.Name).Order());
        Assert.Contains("globex/secret", (await SimilarAsync(People.Engineer("globex"), new() { Name = "acme/chat" })).Select(hit => hit.Repository.Name));
        Assert.DoesNotContain("globex/secret", (await SimilarAsync(People.Anonymous, new() { Name = "acme/chat" })).Select(hit => hit.Repository.Name));
        Assert.Empty(await SimilarAsync(People.Anonymous, new() { Name = "globex/data", Kind = RepositoryKind.Dataset }));
        await SimilarFailsAsync(StatusCode.NotFound, "REPOSITORY_NOT_FOUND", new() { Name = "globex/secret" });
        await SimilarFailsAsync(StatusCode.NotFound, "REPOSITORY_NOT_FOUND", new() { Name = "acme/chat", Kind = RepositoryKind.App });
        await SimilarFailsAsync(StatusCode.NotFound, "REPOSITORY_NOT_FOUND", new() { Name = "%" });
        await SimilarFailsAsync(StatusCode.InvalidArgument, "BAD_LIMIT", new() { Name = "acme/chat", Limit = 51 });
        await SimilarFailsAsync(StatusCode.InvalidArgument, "TEXT_TOO_LONG", new() { Name = new('x', 201) });
    }

    [Fact]
    public async Task Query_WithHighlights_SaysWhereThereIsWhatWasLookedFor()
    {
        _catalog.Say(Sample.Published("acme/chat", facts => facts.Summary = "to chat with"));
        _catalog.SayCaughtUp();
        await UntilAsync(People.Anonymous, new(), response => response.Total is 1);

        var hit = Assert.Single((await QueryAsync(People.Anonymous, new() { Text = "chat", Highlights = true })).Hits);
        Assert.Equal(
            [new Highlight { Field = "name", Ranges = { new TextRange { Start = 5, Length = 4 } } }, new Highlight { Field = "summary", Ranges = { new TextRange { Start = 3, Length = 4 } } }], hit.Highlights);
        Assert.Empty(Assert.Single((await QueryAsync(People.Anonymous, new() { Text = "chat" })).Hits).Highlights);
    }

    private async Task<IEnumerable<Hit>> SimilarAsync(Principal principal, SimilarRequest request) =>
        (await new Contract.SearchClient(_garden.As(principal, ServiceNames.Search)).SimilarAsync(request, cancellationToken: Cancel)).Hits;

    private Task SimilarFailsAsync(StatusCode status, string reason, SimilarRequest request) => RefusedAsync(status, reason, () => SimilarAsync(People.Anonymous, request));

    private async Task<long> TotalAsync(Principal principal) => (await QueryAsync(principal, new())).Total;

    private async Task<QueryResponse> QueryAsync(Principal principal, QueryRequest request) =>
        await new Contract.SearchClient(_garden.As(principal, ServiceNames.Search)).QueryAsync(request, cancellationToken: Cancel);

    /// <summary>Asks until what the feed said has arrived.</summary>
    private async Task UntilAsync(Principal principal, QueryRequest request, Func<QueryResponse, bool> isIt)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        timeout.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            timeout.Token.ThrowIfCancellationRequested();
            try
            {
                if (isIt(await QueryAsync(principal, request)))
                {
                    return;
                }
            }
            catch (RpcException exception) when (exception.StatusCode is StatusCode.Unavailable)
            {
                // The index is being built.
            }
        }
    }

    private async Task<IEnumerable<string>> CompleteAsync(Principal principal, CompleteRequest request) =>
        (await new Contract.SearchClient(_garden.As(principal, ServiceNames.Search)).CompleteAsync(request, cancellationToken: Cancel)).Names;

    private Task FailsAsync(StatusCode status, string reason, QueryRequest request) => RefusedAsync(status, reason, () => QueryAsync(People.Anonymous, request));

    private Task CompleteFailsAsync(StatusCode status, string reason, CompleteRequest request) => RefusedAsync(status, reason, () => CompleteAsync(People.Anonymous, request));

    private static async Task RefusedAsync(StatusCode status, string reason, Func<Task> ask)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(ask);
        Assert.Equal((status, reason), (failure.StatusCode, failure.Trailers.GetValue("garden-reason")));
    }
}
