using System.Diagnostics;
using System.Globalization;

namespace ModelGarden.Benchmarks.Store;

/// <summary>What a piece of work took: seconds, and processor seconds of the whole process, its compiler and collector with it.</summary>
internal readonly record struct Timing(TimeSpan Wall, TimeSpan Processor)
{
    public static async Task<Timing> OfAsync(Func<Task> work)
    {
        var (start, before) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        await work();
        return new(Stopwatch.GetElapsedTime(start), Environment.CpuUsage.TotalTime - before);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Wall.TotalSeconds:F3} {Processor.TotalSeconds:F3}");
}
