using System.Diagnostics;
using ModelGarden.Hosting;
using ModelGarden.Search;
using ModelGarden.Testing;
using Contract = ModelGarden.Contracts.V1.Search;

namespace ModelGarden.Benchmarks.Index;

/// <summary>Asks the service over gRPC, with signed tokens as inside a garden, client and service in one process.</summary>
internal static class ServedRun
{
    private const int Clients = 16;

    /// <param name="data">A garden's folder: the index is in <c>search/index-1</c>.</param>
    /// <param name="queries">The file of queries.</param>
    /// <param name="rounds">How many times each client asks all of them, after one round unmeasured.</param>
    public static async Task AskAsync(string data, string queries, int rounds)
    {
        await using var garden = await TestGarden.StartAsync(null, null, new Dictionary<string, string> { ["Data"] = data }, SearchModule.Definition);
        var client = new Contract.SearchClient(garden.As(People.Engineer(), ServiceNames.Search));
        var asked = (await AskedQuery.ReadAsync(queries)).Where(query => !query.IsPopular).ToArray();
        foreach (var query in asked)
        {
            await query.GoToAsync(async request => (await client.QueryAsync(request)).NextPageToken);
        }

        await AskAsync(client, asked, 1);
        var start = Stopwatch.GetTimestamp();
        var times = await AskAsync(client, asked, rounds);
        Figures.Print(new { perSecond = times.Count / Stopwatch.GetElapsedTime(start).TotalSeconds, times = Figures.Percentiles(times) });
    }

    private static async Task<List<double>> AskAsync(Contract.SearchClient client, AskedQuery[] asked, int rounds) =>
        [.. (await Task.WhenAll(Enumerable.Range(0, Clients).Select(number => Task.Run(() => AskAsync(client, asked, rounds, asked.Length / Clients * number))))).SelectMany(times => times)];

    /// <summary>One client, which begins at another place than the others.</summary>
    private static async Task<List<double>> AskAsync(Contract.SearchClient client, AskedQuery[] asked, int rounds, int first)
    {
        var times = new List<double>(rounds * asked.Length);
        for (var count = 0; count < rounds * asked.Length; count++)
        {
            var start = Stopwatch.GetTimestamp();
            await AskAsync(client, asked[(first + count) % asked.Length]);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return times;
    }

    private static async Task AskAsync(Contract.SearchClient client, AskedQuery query)
    {
        if (query.IsPrefix)
        {
            await client.CompleteAsync(new() { Beginning = query.Text, Limit = AskedQuery.Completions });
        }
        else
        {
            await client.QueryAsync(query.Request);
        }
    }
}
