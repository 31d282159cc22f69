using System.Diagnostics;
using System.Text.Json;

namespace ModelGarden.Benchmarks.Index;

/// <summary>What queries took, printed as lines of JSON.</summary>
internal static class Figures
{
    private const int WarmUps = 2;

    /// <summary>Asks all of them so many times after two rounds unmeasured, one after another, and prints what that took: of all together, and of each kind.</summary>
    /// <returns>Bytes that were allocated by a query on the average.</returns>
    public static async Task<long> MeasureAsync(string what, AskedQuery[] asked, int rounds, Func<AskedQuery, ValueTask> ask)
    {
        var times = asked.Select(query => query.Kind).Distinct().ToDictionary(kind => kind, _ => new List<double>());
        long allocated = 0;
        for (var round = -WarmUps; round < rounds; round++)
        {
            foreach (var query in asked)
            {
                var (begin, before) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
                await ask(query);
                if (round >= 0)
                {
                    times[query.Kind].Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
                    allocated += GC.GetAllocatedBytesForCurrentThread() - before;
                }
            }
        }

        var mix = asked.Where(query => !query.IsPopular).Select(query => query.Kind).ToHashSet();
        Print(new { what, kind = "all", times = Percentiles(times.Where(kind => mix.Contains(kind.Key)).SelectMany(kind => kind.Value)) });
        foreach (var (kind, all) in times)
        {
            Print(new { what, kind, times = Percentiles(all) });
        }

        return allocated / (rounds * asked.Length);
    }

    /// <summary>The median and the 99th percentile.</summary>
    public static double[] Percentiles(IEnumerable<double> times)
    {
        double[] sorted = [.. times.Order()];
        return [sorted[sorted.Length / 2], sorted[(int)(sorted.Length * 0.99)]];
    }

    public static void Print<T>(T figures) => Console.WriteLine(JsonSerializer.Serialize(figures));
}
