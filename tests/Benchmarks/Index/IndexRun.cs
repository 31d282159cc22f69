using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ModelGarden.Contracts.V1;
using ModelGarden.Search;
using ModelGarden.Search.Engines.Embedded;
using ModelGarden.Search.Queries;

namespace ModelGarden.Benchmarks.Index;

/// <summary>Builds and asks one index in this process.</summary>
internal static class IndexRun
{
    private const int ChangesPerSecond = 500;
    private const int ChangedRepositories = 50_000;
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);
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
        Figures.Print(new { seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, processorSeconds = Environment.CpuUsage.TotalTime.TotalSeconds, records = number, bytesPerRecord = (double)bytes / number, peakMiB = Status("VmHWM") });
    }

    public static async Task AskAsync(string folder, string queries, int rounds)
    {
        var start = Stopwatch.GetTimestamp();
        using var engine = Open(folder);
        var asked = await AskedQuery.ReadAsync(queries);
        await AskAsync(engine, asked[0]);
        Figures.Print(new { restart = Stopwatch.GetElapsedTime(start).TotalSeconds });
        await GoToAsync(engine, asked);
        var allocated = await Figures.MeasureAsync("index", asked, rounds, query => AskAsync(engine, query));
        Figures.Print(new { allocatedPerQuery = allocated, residentMiB = Status("VmRSS"), anonymousMiB = Status("RssAnon") });
    }

    /// <summary>Asks while nothing changes, then while repositories do, a sustained 500 a second.</summary>
    public static async Task ChangeAsync(string feed, string folder, string queries, int rounds)
    {
        using var engine = Open(folder);
        var asked = await AskedQuery.ReadAsync(queries);
        await GoToAsync(engine, asked);
        await Figures.MeasureAsync("still", asked, rounds, query => AskAsync(engine, query));
        using var end = new CancellationTokenSource();
        var changing = Task.Run(() => ChangeAsync(engine, [.. FeedFile.Read(feed).Take(ChangedRepositories)], end.Token));
        await Figures.MeasureAsync("changing", asked, rounds, query => AskAsync(engine, query));
        await end.CancelAsync();
        Figures.Print(new { changesPerSecond = await changing });
    }

    /// <returns>How many a second there were.</returns>
    private static async Task<double> ChangeAsync(EmbeddedSearchEngine engine, Repository[] states, CancellationToken cancellationToken)
    {
        var (start, position, changed) = (Stopwatch.GetTimestamp(), engine.Position, 0);
        using var timer = new PeriodicTimer(Beat);
        while (!cancellationToken.IsCancellationRequested)
        {
            // Behind after a pause, it catches up, as a feed does.
            for (var due = (int)(Stopwatch.GetElapsedTime(start).TotalSeconds * ChangesPerSecond); changed < due; changed++)
            {
                var state = states[changed % states.Length];
                state.Downloads += 1 + (changed % 100);
                await engine.PutAsync(state, ++position, CancellationToken.None);
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        return changed / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task GoToAsync(EmbeddedSearchEngine engine, AskedQuery[] asked)
    {
        foreach (var query in asked)
        {
            await query.GoToAsync(async request =>
            {
                var read = QueryReader.Read(request).OrThrow();
                return (await engine.SearchAsync(read, Stranger, CancellationToken.None)).Next is { } next ? PageToken.Write(next, read) : "";
            });
        }
    }

    private static async ValueTask AskAsync(EmbeddedSearchEngine engine, AskedQuery asked)
    {
        if (asked.IsPrefix)
        {
            await engine.CompleteNameAsync(asked.Text, Stranger, AskedQuery.Completions, CancellationToken.None);
        }
        else
        {
            await engine.SearchAsync(QueryReader.Read(asked.Request).OrThrow(), Stranger, CancellationToken.None);
        }
    }

    private static EmbeddedSearchEngine Open(string folder) => EmbeddedSearchEngine.Open(folder, new(), NullLogger.Instance);

    private static double Status(string name) => double.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal)).Split(' ', '\t').First(part => part.Length > 0 && char.IsAsciiDigit(part[0])), CultureInfo.InvariantCulture) / 1024;
}
