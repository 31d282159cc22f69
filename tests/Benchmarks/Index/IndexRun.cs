using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using ModelGarden.Search;
using ModelGarden.Search.Engines.Embedded;

namespace ModelGarden.Benchmarks.Index;

/// <summary>Builds and asks one index, and prints figures as JSON.</summary>
internal static class IndexRun
{
    private const int WarmUps = 2;
    private static readonly Viewer Stranger = new(SeesAll: false, "");

    public static async Task BuildAsync(string feed, string folder)
    {
        var (start, number) = (Stopwatch.GetTimestamp(), 0L);
        using (var engine = Open(folder))
        {
            foreach (var state in FeedFile.Read(feed))
            {
                await engine.PutAsync(state, ++number, CancellationToken.None);
            }

            await engine.CompleteAsync(number, CancellationToken.None);
        }

        var bytes = Directory.GetFiles(folder).Sum(path => new FileInfo(path).Length);
        Print(new { seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, processorSeconds = Environment.CpuUsage.TotalTime.TotalSeconds, records = number, bytesPerRecord = (double)bytes / number, peakMiB = Status("VmHWM") });
    }

    public static async Task AskAsync(string folder, string queries, int rounds)
    {
        var start = Stopwatch.GetTimestamp();
        using var engine = Open(folder);
        var asked = new List<AskedQuery>();
        foreach (var line in await File.ReadAllLinesAsync(queries))
        {
            asked.Add(await AskedQuery.OfAsync(engine, Stranger, line));
            if (asked.Count is 1)
            {
                await asked[0].AskAsync(engine, Stranger);
                Print(new { restart = Stopwatch.GetElapsedTime(start).TotalSeconds });
            }
        }

        var times = asked.Select(query => query.Kind).Distinct().ToDictionary(kind => kind, _ => new List<double>());
        long allocated = 0;
        for (var round = -WarmUps; round < rounds; round++)
        {
            foreach (var query in asked)
            {
                var (begin, before) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
                await query.AskAsync(engine, Stranger);
                if (round >= 0)
                {
                    times[query.Kind].Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
                    allocated += GC.GetAllocatedBytesForCurrentThread() - before;
                }
            }
        }

        Print(new { kind = "all", times = Percentiles(times.Values.SelectMany(all => all)), allocatedPerQuery = allocated / (rounds * asked.Count), residentMiB = Status("VmRSS"), anonymousMiB = Status("RssAnon") });
        foreach (var (kind, all) in times)
        {
            Print(new { kind, times = Percentiles(all) });
        }
    }

    private static EmbeddedSearchEngine Open(string folder) => EmbeddedSearchEngine.Open(folder, new(), NullLogger.Instance);

    private static double[] Percentiles(IEnumerable<double> times)
    {
        double[] sorted = [.. times.Order()];
        return [sorted[sorted.Length / 2], sorted[(int)(sorted.Length * 0.99)]];
    }

    private static double Status(string name) => double.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal)).Split(' ', '\t').First(part => part.Length > 0 && char.IsAsciiDigit(part[0])), System.Globalization.CultureInfo.InvariantCulture) / 1024;

    private static void Print<T>(T figures) => Console.WriteLine(JsonSerializer.Serialize(figures));
}
