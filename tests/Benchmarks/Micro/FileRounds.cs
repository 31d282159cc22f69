using System.Diagnostics;
using ModelGarden.Formats;

namespace ModelGarden.Benchmarks.Micro;

/// <summary>How fast files are examined that are in memory already: what is jumped over costs nothing, what is looked through is streamed.</summary>
internal static class FileRounds
{
    private const int Rounds = 5;

    public static void Run(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            Measure(path);
        }
    }

    private static void Measure(string path)
    {
        var (times, examination) = (new double[Rounds], default(Examination));
        for (var round = -1; round < Rounds; round++)
        {
            using var file = new FileStream(path, new FileStreamOptions { BufferSize = 0 });
            var start = Environment.CpuUsage.TotalTime;
            examination = FileExaminer.Examine(path, file, file.Length);
            times[Math.Max(round, 0)] = (Environment.CpuUsage.TotalTime - start).TotalSeconds;
        }

        Array.Sort(times);
        var length = new FileInfo(path).Length;
        Console.WriteLine($"{Path.GetFileName(path),-40} {length / times[Rounds / 2] / 1e9,6:F2} GB/s of processor time   {examination!.Verdict}, {examination.Findings.Count} findings");
    }
}
