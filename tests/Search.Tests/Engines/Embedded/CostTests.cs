using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Search.Engines.Embedded;
using ModelGarden.Search.Queries;
using ModelGarden.Testing;

namespace ModelGarden.Search.Tests.Engines.Embedded;

/// <summary>What a query may cost.</summary>
public sealed class CostTests : IDisposable
{
    private const int Repositories = 3000;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("garden-index-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Search_ThatCostsTooMuch_IsCutOff_AndSaysOfWhat()
    {
        using var frugal = await FilledAsync("frugal", new() { MostSteps = 60_000 });
        using var usual = await FilledAsync("usual", new());
        (QueryRequest Request, string Message)[] asked =
        [
            (new() { Text = "w", Sort = "name" }, "too many words begin with 'w'"),
            (new() { Near = { "zzbbbb" }, Sort = "name" }, "compared with 'zzbbbb'"),
            (new() { Phrases = { "common shared" }, Sort = "name" }, "all words of \"common shared\""),
            (new() { Tags = { Enumerable.Range(0, 100).Select(i => $"tag{i}") }, Sort = "name" }, "the values of tag"),
            (new() { Facets = { "tag" }, Sort = "name" }, "facet tag has too much to count"),
            (new() { Text = "common shared often " }, "put in the order of relevance"),
            (new() { Fold = true, Sort = "name" }, "put under its base"),
        ];
        foreach (var (request, message) in asked)
        {
            var refused = await Assert.ThrowsAsync<ErrorException>(() => AskAsync(frugal, request));
            Assert.Equal((ErrorCode.InvalidArgument, "QUERY_TOO_COSTLY"), (refused.Error.Code, refused.Error.Reason));
            Assert.Contains(message, refused.Error.Message, StringComparison.Ordinal);
            Assert.Equal(refused.Error, (await Assert.ThrowsAsync<ErrorException>(() => AskAsync(frugal, request))).Error);
            await AskAsync(usual, request);
        }

        Assert.Equal(1, (await AskAsync(frugal, new() { Text = "ww77a " })).Total);
    }

    [Fact]
    public async Task Search_ThatFindsNothing_SaysNothingMoreIfThatCostsTooMuch()
    {
        using var frugal = await FilledAsync("frugal", new() { MostSteps = 60_000 });
        using var usual = await FilledAsync("usual", new());

        Assert.Equal(("", "zzbbba"), ((await AskAsync(frugal, new() { Text = "zzbbbj " })).DidYouMean, (await AskAsync(usual, new() { Text = "zzbbbj " })).DidYouMean));
    }

    [Fact]
    public async Task Search_RandomRequests_AreAnsweredOrRefused()
    {
        using var engine = await FilledAsync("usual", new());
        var (random, garden, answered, refused) = (new Random(31), new RandomGarden(31), 0, 0);
        string[] pieces = ["common", "w", "\"", "-", "tag:", "fold:base", "sort:", "~", "params<", "7b", " ", " ", ",", "owner:", "é", "\ud83c", "\0", "shared often", "%", "likes", "kind:model", "0", "x/y"];
        for (var i = 0; i < 3000; i++)
        {
            var bytes = garden.Query().ToByteArray();
            for (var edits = random.Next(4); edits > 0 && bytes.Length > 0; edits--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var request = i % 2 is 0 ? new() { Query = string.Concat(Enumerable.Range(0, random.Next(14)).Select(_ => pieces[random.Next(pieces.Length)])) } : Parsed(bytes);
            var query = QueryReader.Read(request);
            Assert.True(query.Error is null or { Code: ErrorCode.InvalidArgument });
            if (query.Error is null)
            {
                var found = await engine.SearchAsync(query.Value, garden.Viewer(), Patience.Cancel);
                Assert.All(found.Hits.SelectMany(hit => new Highlighter(query.Value).Of(hit.Repository)), highlight => Assert.NotEmpty(highlight.Ranges));
            }

            (answered, refused) = query.Error is null ? (answered + 1, refused) : (answered, refused + 1);
        }

        Assert.True(answered > 500 && refused > 500, $"{answered} answered, {refused} refused");
    }

    /// <summary>As far as it is a request: one that is none never comes here.</summary>
    private static QueryRequest Parsed(byte[] bytes)
    {
        try
        {
            return QueryRequest.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return new();
        }
    }

    private async Task<EmbeddedSearchEngine> FilledAsync(string name, EmbeddedOptions options)
    {
        var engine = EmbeddedSearchEngine.Open(Path.Combine(_folder.FullName, name), options, NullLogger.Instance);
        for (var i = 0; i < Repositories; i++)
        {
            var number = i;
            var repository = Sample.Published($"acme/model-{i}", declared =>
            {
                declared.Summary = $"common shared often ww{number}a ww{number}b zz{Letters(number)}";
                declared.Tags.Add($"tag{number}");
                declared.BaseModels.Add($"acme/model-{number / 2}");
            });
            await engine.PutAsync(repository, i + 1, Patience.Cancel);
        }

        return engine;
    }

    /// <summary>Four of eight.</summary>
    private static string Letters(int number) => string.Concat(Enumerable.Range(0, 4).Select(place => (char)('a' + (number >> (3 * place) & 7))));

    private static Task<SearchResult> AskAsync(EmbeddedSearchEngine engine, QueryRequest request) =>
        engine.SearchAsync(QueryReader.Read(request).OrThrow(), new(SeesAll: false, ""), Patience.Cancel).AsTask();
}
