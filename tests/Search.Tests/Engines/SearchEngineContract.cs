using ModelGarden.Contracts.V1;
using ModelGarden.Search.Engines;
using ModelGarden.Search.Queries;
using ModelGarden.Testing;

namespace ModelGarden.Search.Tests.Engines;

/// <summary>What every engine does.</summary>
public abstract class SearchEngineContract
{
    private static readonly Viewer Stranger = new(SeesAll: false, "");

    private static CancellationToken Cancel => Patience.Cancel;

    private protected abstract ISearchEngine Open();

    /// <summary>Whatever an engine may go through between two changes: its answers stay what they are.</summary>
    private protected virtual ValueTask<ISearchEngine> GoOnAsync(ISearchEngine engine) => new(engine);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Search_RandomGardens_AsTheSlowReferenceHasIt(int seed)
    {
        var (engine, random, states, found) = (Open(), new RandomGarden(seed), new Dictionary<string, Repository>(), 0);
        for (var round = 0; round < 40; round++)
        {
            await ChangeAsync(engine, random, states);
            engine = await GoOnAsync(engine);
            for (var i = 0; i < 5; i++)
            {
                found += await CompareAsync(engine, states.Values, random.Query(), random.Viewer()) > 1 ? 1 : 0;
            }
        }

        Assert.True(found > 40, $"only {found} of the queries found more than one: the comparison says little");
    }

    [Fact]
    public async Task Search_WithRepositoriesThatOneMayNotSee_AnswersAsIfTheyWereNot()
    {
        var (engine, smaller, random) = (Open(), Open(), new RandomGarden(4));
        var viewer = new Viewer(SeesAll: false, "acme");
        for (var i = 0; i < 200; i++)
        {
            var state = random.Repository(i);
            await PutAsync(engine, state);
            if (SlowReference.Find([state], new() { Sort = "name" }, viewer).Count > 0)
            {
                await PutAsync(smaller, state);
            }
        }

        for (var i = 0; i < 50; i++)
        {
            var query = QueryReader.Read(random.Query()).OrThrow();
            var (all, few) = (await engine.SearchAsync(query, viewer, Cancel), await smaller.SearchAsync(query, viewer, Cancel));
            Assert.Equal(few.Hits, all.Hits);
            Assert.Equal(few.Facets, all.Facets);
            Assert.Equal((few.Total, few.Next), (all.Total, all.Next));
        }
    }

    [Fact]
    public async Task Search_WhileDocumentsComeAndGo_PagesShowEachOfTheRestOnce()
    {
        var engine = Open();
        for (var i = 0; i < 100; i++)
        {
            await PutAsync(engine, Sample.Published($"acme/model-{i:d3}"));
        }

        var seen = new List<string>();
        var request = new QueryRequest { Sort = "name", PageSize = 10 };
        do
        {
            var page = await SearchAsync(engine, request, Stranger);
            seen.AddRange(page.Hits.Select(hit => hit.Repository.Name));
            await RemoveAsync(engine, $"id-of-{seen[^1]}");
            await PutAsync(engine, Sample.Published($"acme/amodel-{seen.Count}"));
            request.PageToken = page.Next is { } next ? PageToken.Write(next, QueryReader.Read(request).OrThrow()) : "";
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"acme/model-{i:d3}"), seen);
    }

    [Fact]
    public async Task Search_ByRelevanceWhileDocumentsComeAndGo_PagesShowEachOfTheRestOnce()
    {
        var (engine, expected, seen) = (Open(), new List<string>(), new List<string>());
        for (var i = 0; i < 100; i++)
        {
            // Of two words, one in ever fewer titles: how rare they are decides the order.
            var title = $"{(i % 3 is 0 ? "whales" : "birds")} {(i % 7 is 0 ? "whales whales" : "")} {(i % 5 is 0 ? "birds" : "")}";
            await PutAsync(engine, Sample.Published($"acme/model-{i:d3}", declared => (declared.Title, declared.Summary) = (title, "whales birds"), repository => repository.Downloads = i % 11));
        }

        var request = new QueryRequest { Text = "whales birds ", PageSize = 100 };
        expected.AddRange((await SearchAsync(engine, request, Stranger)).Hits.Select(hit => hit.Repository.Name));
        request.PageSize = 10;
        do
        {
            var page = await SearchAsync(engine, request, Stranger);
            seen.AddRange(page.Hits.Select(hit => hit.Repository.Name));
            for (var i = 0; i < 40; i++)
            {
                // What is of many whales, so that these are rare no more, and comes before all others.
                await PutAsync(engine, Sample.Published($"other/whales-{seen.Count}-{i}", declared => declared.Title = seen.Count % 20 is 0 ? "birds" : "whales"));
            }

            await RemoveAsync(engine, $"id-of-other/whales-{seen.Count - 10}-7");
            request.PageToken = page.Next is { } next ? PageToken.Write(next, QueryReader.Read(request).OrThrow()) : "";
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(100, expected.Count);
        Assert.Equal(expected, seen.Where(name => name.StartsWith("acme/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Search_ByRelevance_NameBeforeTitleBeforeSummary()
    {
        var engine = Open();
        await PutAsync(engine, Sample.Published("acme/one", declared => declared.Summary = "of whales"));
        await PutAsync(engine, Sample.Published("acme/two", declared => declared.Title = "whales"));
        await PutAsync(engine, Sample.Published("acme/whales"));
        await PutAsync(engine, Sample.Published("acme/whalesong"));
        await PutAsync(engine, Sample.Published("acme/other"));

        var result = await SearchAsync(engine, new() { Text = "whales" }, Stranger);

        Assert.Equal(["acme/whales", "acme/two", "acme/whalesong", "acme/one"], result.Hits.Select(hit => hit.Repository.Name));
        Assert.True(result.Hits.Zip(result.Hits.Skip(1)).All(pair => pair.First.Score > pair.Second.Score));
    }

    [Theory]
    [InlineData("TinyLlama", true)]
    [InlineData("tinyllama", true)]
    [InlineData("tiny llama", true)]
    [InlineData("llama chat", true)]
    [InlineData("llama ch", true)]
    [InlineData("ch llama", false)]
    [InlineData("1.1b", true)]
    [InlineData("größe", true)]
    [InlineData("模型", true)]
    [InlineData("型模", true)]
    [InlineData("whale", false)]
    [InlineData("!!! --", true)]
    public async Task Search_Text_FindsByItsWords(string text, bool found)
    {
        var engine = Open();
        await PutAsync(engine, Sample.Published("acme/TinyLlama-1.1B-Chat", declared => declared.Summary = "Größe zählt, 大模型"));

        var result = await SearchAsync(engine, new() { Text = text }, Stranger);

        Assert.Equal(found ? 1 : 0, result.Total);
    }

    [Fact]
    public async Task Search_ByParameters_WithinTheBoundsAndKnownOnly()
    {
        var engine = Open();
        await PutAsync(engine, Sample.Published("acme/small", change: repository => repository.PublishedRecord.Measured.Parameters = 10));
        await PutAsync(engine, Sample.Published("acme/large", change: repository => repository.PublishedRecord.Measured.Parameters = 1000));
        await PutAsync(engine, Sample.Published("acme/unknown", change: repository => repository.PublishedRecord.Measured = null));

        Assert.Equal(["acme/small"], await NamesAsync(engine, new() { MaximumParameters = 10 }));
        Assert.Equal(["acme/large"], await NamesAsync(engine, new() { MinimumParameters = 11 }));
        Assert.Equal(["acme/large", "acme/small"], await NamesAsync(engine, new() { MinimumParameters = 0, Sort = "name" }));
    }

    [Fact]
    public async Task Search_ByBaseModelTagAndLanguage_Those()
    {
        var engine = Open();
        await PutAsync(engine, Sample.Published("acme/tuned", declared => declared.BaseModels.Add("meta/Llama")));
        await PutAsync(engine, Sample.Published("acme/tagged", declared => declared.Tags.Add("Legal")));
        await PutAsync(engine, Sample.Published("acme/german", declared => declared.Languages.Add("de")));

        Assert.Equal(["acme/tuned"], await NamesAsync(engine, new() { BaseModels = { "META/llama" } }));
        Assert.Equal(["acme/tagged"], await NamesAsync(engine, new() { Tags = { "legal" } }));
        Assert.Equal(["acme/german"], await NamesAsync(engine, new() { Languages = { "de", "fr" } }));
        Assert.Empty(await NamesAsync(engine, new() { Languages = { "de" }, Tags = { "legal" } }));
    }

    [Fact]
    public async Task Search_ByTheTagThatRates_FindsWhatCuratorsRatedToo()
    {
        var engine = Open();
        await PutAsync(engine, Sample.Published("acme/declared", declared => declared.Tags.Add(ContentRatings.Tag)));
        await PutAsync(engine, Sample.Published("acme/attested", change: repository => (repository.AttestedRating, repository.ContentRating) = (ContentRating.Explicit, ContentRating.Explicit)));
        await PutAsync(engine, Sample.Published("acme/general", change: repository => (repository.AttestedRating, repository.ContentRating) = (ContentRating.General, ContentRating.General)));
        // A draft on top that declares it is its owner's alone.
        await PutAsync(engine, Sample.Published("acme/later", change: repository => (repository.AttestedRating, repository.ContentRating) = (ContentRating.Unrated, ContentRating.Sensitive)));

        Assert.Equal(["acme/attested", "acme/declared"], (await NamesAsync(engine, new() { Tags = { ContentRatings.Tag } })).Order());
    }

    [Fact]
    public async Task Search_PublishedWithADraftOnTop_EachSeesHisOwn()
    {
        var engine = Open();
        await PutAsync(
            engine,
            Sample.Published("acme/model", change: repository =>
            {
                (repository.Head, repository.SubmittedRevision) = ("draft", "draft");
                repository.Record.Declared.Title = "secret plans";
            }));

        Assert.Equal(0, (await SearchAsync(engine, new() { Text = "secret" }, Stranger)).Total);
        var outside = Assert.Single((await SearchAsync(engine, new(), Stranger)).Hits).Repository;
        var inside = Assert.Single((await SearchAsync(engine, new() { Text = "secret" }, new(false, "ACME"))).Hits).Repository;

        Assert.Equal(("revision-of-acme/model", "", "a title"), (outside.Head, outside.SubmittedRevision, outside.Record.Declared.Title));
        Assert.Equal(("draft", "draft", "secret plans"), (inside.Head, inside.SubmittedRevision, inside.Record.Declared.Title));
        Assert.Null(outside.PublishedRecord);
        Assert.Null(inside.PublishedRecord);
    }

    [Fact]
    public async Task Search_AFacetOfManyValues_ShowsThoseOfTheMost_WhateverTheirCase()
    {
        var (engine, states) = (Open(), new List<Repository>());
        for (var i = 0; i < 120; i++)
        {
            string[] tags = [$"of-three-{i / 3}", i % 2 is 0 ? "Even" : "odd", i % 4 is 0 ? "fourth" : i % 4 is 1 ? "FOURTH" : $"alone-{i}", $"ZZ-{i}", $"é-{i % 60}"];
            states.Add(Sample.Published($"acme/model-{i}", declared => declared.Tags.AddRange(tags), repository => repository.AttestedRating = repository.ContentRating = ContentRating.General));
            await PutAsync(engine, states[^1]);
            if (i % 25 is 0)
            {
                // A segment more.
                await SearchAsync(engine, new(), Stranger);
            }
        }

        Assert.Equal(120, await CompareAsync(engine, states, new() { Sort = "name", Facets = { "tag", "owner" }, PageSize = 50 }, Stranger));
    }

    [Theory]
    [InlineData("model", "", false)]
    [InlineData("", "likes", false)]
    [InlineData("", "downloads", true)]
    public async Task Search_ThatNobodyWaitsFor_IsNotGoneOnWith(string text, string sort, bool hasFacet)
    {
        var engine = Open();
        await PutAsync(engine, Sample.Published("acme/model"));
        var request = new QueryRequest { Text = text, Sort = sort };
        request.Facets.AddRange(hasFacet ? ["tag"] : []);

        await Assert.ThrowsAsync<OperationCanceledException>(() => engine.SearchAsync(QueryReader.Read(request).OrThrow(), Stranger, new CancellationToken(canceled: true)).AsTask());
    }

    [Fact]
    public async Task Put_WithoutARecord_IsFoundByName()
    {
        var engine = Open();
        await PutAsync(engine, new() { Id = "1", Name = "acme/empty", Kind = RepositoryKind.Model, Lifecycle = Lifecycle.Draft, Visibility = Visibility.Private });

        Assert.Equal(1, (await SearchAsync(engine, new() { Text = "empty", Facets = { "owner", "task" } }, new(false, "acme"))).Total);
        Assert.Equal(0, (await SearchAsync(engine, new(), Stranger)).Total);
    }

    [Fact]
    public async Task Put_ManyTimes_KeepsTheNewestOnly()
    {
        var engine = Open();
        for (var i = 0; i < 3000; i++)
        {
            await PutAsync(engine, Sample.Published($"acme/model-{i % 3}", declared => declared.Title = $"version{i}"));
        }

        Assert.Equal(3, engine.Count);
        Assert.Equal(["acme/model-2"], await NamesAsync(engine, new() { Text = "version2999" }));
        Assert.Empty(await NamesAsync(engine, new() { Text = "version1000" }));
        Assert.Equal(3, (await SearchAsync(engine, new() { Text = "version" }, Stranger)).Total);
    }

    [Fact]
    public async Task Search_ALastWordThatIsFinished_IsNotABeginning()
    {
        var engine = Open();
        await PutAsync(engine, Sample.Published("acme/llama"));
        await PutAsync(engine, Sample.Published("acme/llamas"));

        Assert.Equal(["acme/llama", "acme/llamas"], await NamesAsync(engine, new() { Text = "llama" }));
        Assert.Equal(["acme/llama"], await NamesAsync(engine, new() { Text = "llama " }));
    }

    [Theory]
    [InlineData("mistrel", "mistral")]
    [InlineData("mitsral 7b", "mistral 7b")]
    [InlineData("instruct mistarl", "instruct mistral")]
    [InlineData("mistral 8b", "")]
    [InlineData("gröse", "größe")]
    [InlineData("mistrel whale", "")]
    [InlineData("mistral whelks", "")]
    [InlineData("mi", "")]
    [InlineData("hiden", "")]
    public async Task Search_ThatFindsNothing_SaysWhatMayBeMeant(string text, string meant)
    {
        var engine = Open();
        await PutAsync(engine, Sample.Published("acme/mistral-7b-instruct", declared => declared.Summary = "größe"));
        await PutAsync(engine, Sample.Published("acme/whelk"));
        await PutAsync(engine, Sample.Published("acme/hidden", change: repository => repository.Visibility = Visibility.Private));

        var result = await SearchAsync(engine, new() { Text = $"{text} " }, Stranger);

        Assert.Equal((0, meant), (result.Total, result.DidYouMean));
    }

    [Fact]
    public async Task Search_ANearWord_FindsWhatIsSpeltAlmostSo_ItselfFirst()
    {
        var engine = Open();
        await PutAsync(engine, Sample.Published("acme/mistral"));
        await PutAsync(engine, Sample.Published("acme/mistrel"));
        await PutAsync(engine, Sample.Published("acme/minstrels"));
        await PutAsync(engine, Sample.Published("acme/other", declared => declared.Summary = "of mistrals"));

        Assert.Equal(["acme/mistrel", "acme/minstrels", "acme/mistral", "acme/other"], await NamesAsync(engine, new() { Query = "mistrel~" }));
        Assert.Equal(["acme/mistrel"], await NamesAsync(engine, new() { Query = "mistrel" }));
        Assert.Empty(await NamesAsync(engine, new() { Query = "mistrel~ kind:dataset" }));
    }

    [Fact]
    public async Task Search_NearWords_OfADictionaryOfManyBlocks_AreThoseThatAreNear()
    {
        var (engine, random) = (Open(), new Random(11));
        string[] words = [.. Enumerable.Range(0, 5000).Select(_ => string.Concat(Enumerable.Range(0, random.Next(2, 8)).Select(_ => (char)"abcé1"[random.Next(5)])))];
        for (var i = 0; i < words.Length; i += 50)
        {
            await PutAsync(engine, Sample.Published($"acme/model-{i}", declared => declared.Summary = string.Join(' ', words[i..(i + 50)])));
        }

        foreach (var word in words.Take(60))
        {
            var near = words.Index().Where(other => SlowSpelling.IsNear(word, other.Item)).Select(other => other.Index / 50).Distinct().Count();
            Assert.Equal(near, (await SearchAsync(engine, new() { Near = { word } }, Stranger)).Total);
        }
    }

    [Fact]
    public async Task Search_AWholeName_ComesFirst_AndShortNamesBeforeLongOnes()
    {
        var engine = Open();
        await PutAsync(engine, Sample.Published("acme/llama-3-chat-gguf", change: repository => repository.Downloads = 50));
        await PutAsync(engine, Sample.Published("acme/llama-3"));
        await PutAsync(engine, Sample.Published("initech/llama-3", change: repository => repository.Downloads = 10));
        await PutAsync(engine, Sample.Published("acme/llama", declared => declared.Summary = "acme llama 3 acme llama 3"));

        for (var i = 0; i < 50; i++)
        {
            await PutAsync(engine, Sample.Published($"globex/other-{i}"));
        }

        Assert.Equal("initech/llama-3", (await NamesAsync(engine, new() { Text = "llama 3" })).First());
        Assert.Equal("acme/llama-3", (await NamesAsync(engine, new() { Text = "Acme/Llama-3" })).First());
    }

    [Fact]
    public async Task Search_APhrase_OneAfterTheOtherWithinOneText()
    {
        var engine = Open();
        await PutAsync(engine, Sample.Published("acme/one", declared => declared.Summary = "of long context, and short"));
        await PutAsync(engine, Sample.Published("acme/two", declared => declared.Summary = "the context is long"));
        await PutAsync(engine, Sample.Published("acme/three", declared => (declared.Title, declared.Summary) = ("so long", "context")));
        await PutAsync(engine, Sample.Published("acme/four", declared => declared.Tags.AddRange(["long", "context"])));
        await PutAsync(engine, Sample.Published("acme/long-context"));
        await PutAsync(engine, Sample.Published("acme/five", declared => declared.Tags.Add("very-Long_Context")));
        await PutAsync(engine, Sample.Published("acme/six", declared => declared.Summary = "long contexts"));

        Assert.Equal(["acme/five", "acme/long-context", "acme/one"], await NamesAsync(engine, new() { Query = "\"long context\" sort:name" }));
        Assert.Equal(["acme/four", "acme/three", "acme/two"], await NamesAsync(engine, new() { Query = "long \"context\" -\"long context\" sort:name" }));
        Assert.Empty(await NamesAsync(engine, new() { Query = "\"context and short long\"" }));
        Assert.Equal(["acme/long-context"], (await NamesAsync(engine, new() { Query = "\"long context\"" })).Take(1));
    }

    [Fact]
    public async Task Search_PhrasesInManyRows_AsTheSlowReferenceHasThem()
    {
        var (engine, random, states) = (Open(), new Random(17), new List<Repository>());
        string[] words = ["a", "b", "c", "d", "e"];
        for (var i = 0; i < 900; i++)
        {
            var summary = string.Join(' ', Enumerable.Range(0, random.Next(40)).Select(_ => words[random.Next(words.Length)]).Append(i % 300 is 7 ? "rare" : "."));
            states.Add(Sample.Published($"acme/model-{i:d3}", declared => declared.Summary = summary, repository => repository.AttestedRating = repository.ContentRating = ContentRating.General));
            await PutAsync(engine, states[^1]);
            engine = i % 100 is 0 ? await GoOnAsync(engine) : engine;
        }

        foreach (var phrase in (string[])["a b", "a a a", "e d c b", "a b c d e", "c rare", "rare c", "a title", "title a"])
        {
            await CompareAsync(engine, states, new() { Phrases = { phrase }, PageSize = 500 }, Stranger);
            await CompareAsync(engine, states, new() { Excluded = { new Exclusion { Field = "phrase", Values = { phrase } } }, Sort = "name", PageSize = 500 }, Stranger);
        }
    }

    [Fact]
    public async Task Search_AnEnglishWord_IsFoundInItsOtherForms_ItselfFirst_NamesAsTheyAreTyped()
    {
        var engine = Open();
        await PutAsync(engine, Sample.Published("acme/form", declared => declared.Summary = "of its quantization"));
        await PutAsync(engine, Sample.Published("acme/itself", declared => declared.Summary = "it is quantized"));
        await PutAsync(engine, Sample.Published("acme/quantizing"));
        await PutAsync(engine, Sample.Published("acme/quantizes", declared => declared.Tags.Add("quantizes")));
        await PutAsync(engine, Sample.Published("acme/quantized-model"));

        Assert.Equal(["acme/quantized-model", "acme/itself", "acme/form", "acme/quantizes"], await NamesAsync(engine, new() { Text = "quantized " }));
        Assert.Equal(["acme/quantized-model", "acme/itself"], await NamesAsync(engine, new() { Query = "\"quantized\"" }));
        Assert.Equal(["acme/quantizing", "acme/form", "acme/itself", "acme/quantizes"], await NamesAsync(engine, new() { Text = "quantizing" }));
        Assert.Equal(["acme/form"], await NamesAsync(engine, new() { Query = "quantize -quantized -quantizes -quantizing" }));
    }

    [Fact]
    public async Task Search_Folded_ShowsABaseInPlaceOfWhatIsMadeOfIt()
    {
        var engine = Open();
        await PutAsync(engine, Sample.Published("acme/base"));
        await PutAsync(engine, Made("globex/tuned", "Acme/Base"));
        engine = await GoOnAsync(engine);
        await PutAsync(engine, Made("initech/tuned-gguf", "globex/tuned", "acme/none"));
        await PutAsync(engine, Made("initech/other", "acme/hidden"));
        await PutAsync(engine, Sample.Published("acme/hidden", change: repository => repository.Visibility = Visibility.Private));
        await PutAsync(engine, Made("acme/egg", "acme/hen"));
        await PutAsync(engine, Made("acme/hen", "acme/egg"));
        await PutAsync(engine, Made("acme/chick", "acme/hen", "acme/chick"));

        Assert.Equal([("acme/base", 2), ("acme/egg", 2), ("initech/other", 0)], await ShownAsync(new() { Query = "fold:base sort:name", Facets = { "owner" } }, Stranger));
        Assert.Equal([("acme/base", 2), ("acme/egg", 2), ("acme/hidden", 1)], await ShownAsync(new() { Query = "fold:base sort:name" }, new(SeesAll: false, "acme")));
        Assert.Equal([("globex/tuned", 1)], await ShownAsync(new() { Query = "tuned fold:base" }, Stranger));
        var page = await SearchAsync(engine, new() { Fold = true, Sort = "name", PageSize = 2, Facets = { "owner" } }, Stranger);
        Assert.Equal((3L, "acme/egg", 7L), (page.Total, page.Next?.Name, page.Facets[0].Values.Sum(value => value.Count)));

        static Repository Made(string name, params string[] bases) => Sample.Published(name, declared => declared.BaseModels.AddRange(bases));

        async Task<IEnumerable<(string, long)>> ShownAsync(QueryRequest request, Viewer viewer) => (await SearchAsync(engine, request, viewer)).Hits.Select(hit => (hit.Repository.Name, hit.Folded));
    }

    [Fact]
    public async Task CompleteName_OfWhatOneSees_TheMostDownloadedFirst()
    {
        var (engine, random, states) = (Open(), new RandomGarden(9), new Dictionary<string, Repository>());
        for (var round = 0; round < 30; round++)
        {
            await ChangeAsync(engine, random, states);
            engine = await GoOnAsync(engine);
            foreach (var beginning in (string[])["", "l", "LLA", "llama-t", "acme/", "acme/ll", "zz", "initech/llamas-"])
            {
                var viewer = random.Viewer();
                Assert.Equal(SlowReference.Complete(states.Values, beginning, viewer, 7), await engine.CompleteNameAsync(beginning, viewer, 7, Cancel));
            }
        }
    }

    private static ValueTask PutAsync(ISearchEngine engine, Repository state) => engine.PutAsync(state, engine.Position + 1, Cancel);

    private static ValueTask RemoveAsync(ISearchEngine engine, string id) => engine.RemoveAsync(id, engine.Position + 1, Cancel);

    private static async Task ChangeAsync(ISearchEngine engine, RandomGarden random, Dictionary<string, Repository> states)
    {
        for (var i = 0; i < 10; i++)
        {
            var state = random.Repository(random.Next(120));
            if (random.Next(4) is 0)
            {
                states.Remove(state.Id);
                await RemoveAsync(engine, state.Id);
            }
            else
            {
                states[state.Id] = state;
                await PutAsync(engine, state);
            }
        }
    }

    /// <summary>Compares all pages, counts and facets, and says how much was found.</summary>
    internal static async Task<int> CompareAsync(ISearchEngine engine, IReadOnlyCollection<Repository> states, QueryRequest request, Viewer viewer)
    {
        var expected = SlowReference.Find(states, request, viewer);
        var folded = SlowReference.Folded(states, request, viewer);
        var found = new List<(Repository Repository, double Score)>();
        SearchResult page;
        do
        {
            page = await SearchAsync(engine, request, viewer);
            found.AddRange(page.Hits.Select(hit => (hit.Repository, hit.Score)));
            Assert.True(expected.Count == page.Total, $"{expected.Count} expected, {page.Total} found: {request}, {viewer}");
            Assert.All(page.Hits, hit => Assert.Equal(folded.GetValueOrDefault(hit.Repository.Id), hit.Folded));
            request.PageToken = page.Next is { } next ? PageToken.Write(next, QueryReader.Read(request).OrThrow()) : "";
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(expected, found);
        Assert.Equal(expected.Count > 0 ? "" : SlowReference.DidYouMean(states, request, viewer), page.DidYouMean);
        foreach (var facet in page.Facets)
        {
            Assert.Equal(SlowReference.Facet(states, request, viewer, facet.Name), facet.Values.Select(value => (value.Value, value.Count)));
        }

        return found.Count;
    }

    private static async Task<SearchResult> SearchAsync(ISearchEngine engine, QueryRequest request, Viewer viewer) =>
        await engine.SearchAsync(QueryReader.Read(request).OrThrow(), viewer, Cancel);

    private static async Task<IEnumerable<string>> NamesAsync(ISearchEngine engine, QueryRequest request) =>
        (await SearchAsync(engine, request, Stranger)).Hits.Select(hit => hit.Repository.Name);
}
