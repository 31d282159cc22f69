using System.Diagnostics;
using System.Security.Cryptography;
using ModelGarden.Benchmarks.Micro;
using ModelGarden.Xet;

// How fast one core does the work that every stored byte costs: the median of many short rounds, in GB/s, and what a round allocates.
// dotnet run -c Release --project tests/Benchmarks/Micro
// With the argument "pickles": how fast opcodes of pickles are followed instead. With "files" and files: how fast each is examined.
if (args is ["pickles"])
{
    PickleRounds.Run();
    return;
}

if (args is ["files", .. var files])
{
    FileRounds.Run(files);
    return;
}

const int Size = 16 * 1024 * 1024;
const int Rounds = 41;
const int WarmUps = 20;

var bytes = new byte[Size];
new Random(1).NextBytes(bytes);
var zeros = new byte[Size];
var key = new byte[Blake3.KeyLength];
var hash = new byte[Blake3.HashLength];

foreach (var length in (int[])[1024, 8 * 1024, 64 * 1024, 61_234, 128 * 1024, Size])
{
    Measure($"BLAKE3 keyed, {length:N0} bytes", () =>
    {
        for (var start = 0; start + length <= Size; start += length)
        {
            Blake3.HashKeyed(key, bytes.AsSpan(start, length), hash);
        }
    });
}

Measure("gear hash, random bytes", () => Cut(bytes, _ => { }));
Measure("gear hash, zeros", () => Cut(zeros, _ => { }));
Measure("gear hash and BLAKE3, random bytes", () => Cut(bytes, chunk => XetHashes.OfChunk(chunk.Span)));
Measure("SHA-256, for comparison", () => SHA256.HashData(bytes, hash));

static void Cut(ReadOnlyMemory<byte> bytes, Action<ReadOnlyMemory<byte>> chunk)
{
    var chunker = new GearChunker();
    while (!bytes.IsEmpty)
    {
        var taken = chunker.Scan(bytes.Span, out _);
        chunk(bytes[..taken]);
        bytes = bytes[taken..];
    }
}

static void Measure(string name, Action round)
{
    for (var i = 0; i < WarmUps; i++)
    {
        round();
    }

    var allocated = GC.GetAllocatedBytesForCurrentThread();
    var times = new double[Rounds];
    for (var i = 0; i < Rounds; i++)
    {
        var start = Stopwatch.GetTimestamp();
        round();
        times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    Array.Sort(times);
    allocated = (GC.GetAllocatedBytesForCurrentThread() - allocated) / Rounds;
    Console.WriteLine($"{name,-40} {Size / times[Rounds / 2] / 1e9,6:F2} GB/s   {allocated} bytes allocated");
}
