using System.Diagnostics;
using System.Text;
using ModelGarden.Formats;

namespace ModelGarden.Benchmarks.Micro;

/// <summary>How fast one core follows pure opcodes: tensors' bytes are jumped over, so a checkpoint's own size does not matter.</summary>
internal static class PickleRounds
{
    private const int Size = 16 * 1024 * 1024;
    private const int Rounds = 15;
    private const int WarmUps = 5;

    public static void Run()
    {
        Measure("tensors, as torch writes them", Repeat("}", ".", index => $"(X\u000b\0\0\0layer{index:D6}ctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\0{0}X\u0003\0\0\0cpuM\0\u0010tQK\0K@K@\u0086K@K\u0001\u0086\u0089ccollections\nOrderedDict\n)RtRu"));
        Measure("numbers in lists", Repeat("]", ".", index => "(K\u0001M\u0002\u0003J\u0001\u0002\u0003\u0004G12345678e"));
        Measure("texts in dictionaries", Repeat("}", ".", index => $"(X\u0008\0\0\0{index:D8}U\u0005valueu"));
    }

    private static byte[] Repeat(string begin, string end, Func<int, string> part)
    {
        var text = new StringBuilder($"\x80\x02{begin}", Size + 1024);
        for (var index = 0; text.Length < Size; index++)
        {
            text.Append(part(index));
        }

        return Encoding.Latin1.GetBytes(text.Append(end).ToString());
    }

    private static void Measure(string name, byte[] pickle)
    {
        var times = new double[Rounds];
        IReadOnlyList<Finding> findings = [];
        for (var round = -WarmUps; round < Rounds; round++)
        {
            using var stream = new MemoryStream(pickle);
            var start = Stopwatch.GetTimestamp();
            findings = FileExaminer.Examine("a.pkl", stream, pickle.Length).Findings;
            times[Math.Max(round, 0)] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(times);
        Console.WriteLine($"{name,-40} {pickle.Length / times[Rounds / 2] / (1 << 20),6:F0} MiB/s   {findings.Count} findings{(findings.Count > 0 ? $", first: {findings[0].Message}" : "")}");
    }
}
