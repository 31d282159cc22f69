using System.Globalization;
using System.IO.Enumeration;
using Microsoft.Extensions.Logging.Abstractions;
using ModelGarden.Contracts.V1;
using ModelGarden.Search.Engines.Embedded;
using ModelGarden.Search.Queries;
using ModelGarden.Testing;

namespace ModelGarden.Search.Tests.Ranking;

/// <summary>
/// What people type, and what they mean, judged by hand (<c>judged.tsv</c>): nDCG@10 (Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques, 2002) with a gain of 3 for what is meant and 1 for what will do.
/// </summary>
public sealed class RankingTests(ITestOutputHelper output) : IDisposable
{
    private const int Looked = 10;
    private const double Expected = 0.96;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("garden-index-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Search_ByRelevance_FindsWhatIsMeant()
    {
        using var engine = EmbeddedSearchEngine.Open(_folder.FullName, new(), NullLogger.Instance);
        string[] names = [.. await FillAsync(engine)];
        var judged = RankedCatalog.Lines("judged.tsv").Select(fields => (Query: fields[0], Gains: GainsOf(names, fields))).ToList();
        var scores = new List<(string Query, double Score, string Found)>();
        foreach (var (query, gains) in judged)
        {
            var found = await engine.SearchAsync(QueryReader.Read(new QueryRequest { Text = query, PageSize = Looked }).OrThrow(), new(SeesAll: false, ""), Patience.Cancel);
            string[] top = [.. found.Hits.Select(hit => hit.Repository.Name)];
            scores.Add((query, Discounted(top.Select(name => gains.GetValueOrDefault(name))) / Discounted(gains.Values.OrderDescending()), string.Join(' ', top.Select(name => $"{name}:{gains.GetValueOrDefault(name)}"))));
        }

        foreach (var (query, score, found) in scores.OrderBy(query => query.Score))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{score:f3} {query}: {found}"));
        }

        var mean = scores.Average(query => query.Score);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"nDCG@10 of {scores.Count} queries: {mean:f3}"));
        Assert.True(scores.Count >= 150);
        Assert.True(mean >= Expected, $"nDCG@10 is {mean:f3}");
    }

    private static async Task<List<string>> FillAsync(EmbeddedSearchEngine engine)
    {
        var names = new List<string>();
        foreach (var repository in RankedCatalog.Read())
        {
            await engine.PutAsync(repository, names.Count + 1, Patience.Cancel);
            names.Add(repository.Name);
        }

        return names;
    }

    private static Dictionary<string, int> GainsOf(string[] names, string[] fields)
    {
        var gains = new Dictionary<string, int>();
        foreach (var (patterns, gain) in (List<(string, int)>)[(fields[1], 3), (fields[2], 1)])
        {
            foreach (var pattern in patterns.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                string[] matching = [.. names.Where(name => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false))];
                Assert.True(matching.Length > 0, $"'{pattern}', judged for '{fields[0]}', is no model of the catalog");
                Array.ForEach(matching, name => gains.TryAdd(name, gain));
            }
        }

        return gains;
    }

    private static double Discounted(IEnumerable<int> gains) => gains.Take(Looked).Select((gain, place) => gain / Math.Log2(place + 2)).Sum();
}
