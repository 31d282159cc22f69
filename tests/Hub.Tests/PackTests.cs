using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Git;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

/// <summary>Packs of git, and what strangers may send for one.</summary>
public sealed class PackTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("--all")]
    [InlineData("--all", "--delta-base-offset")]
    public async Task Pack_OfGit_HasItsObjects(params string[] options)
    {
        using var folder = new TemporaryFolder();
        var ids = await CommitAsync(folder.Path, 30);
        var pack = await PackBuilder.GitAsync(folder.Path, [], ["pack-objects", "-q", "--stdout", "--window=50", "--depth=20", .. options]);

        var objects = await PackBuilder.ReadAsync(pack);

        Assert.Contains(objects, one => one.Type is GitObjectType.Tag);
        Assert.Equal(ids.Order(StringComparer.Ordinal), objects.Select(PackBuilder.IdOf).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Pack_Thin_IsCompletedByWhatIsKnown()
    {
        using var folder = new TemporaryFolder();
        await CommitAsync(folder.Path, 12);
        var known = await PackBuilder.ReadAsync(await PackBuilder.GitAsync(folder.Path, "main~3\n"u8.ToArray(), "pack-objects", "-q", "--stdout", "--revs"));
        var thin = await PackBuilder.GitAsync(folder.Path, "main\n^main~3\n"u8.ToArray(), "pack-objects", "-q", "--stdout", "--revs", "--thin");

        var objects = await PackBuilder.ReadAsync(thin, [.. known]);

        Assert.Equal(9, objects.Count);
        Assert.Contains("neither in it nor here", (await PackBuilder.RefusalAsync(thin)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PackWriter_ItsPack_IsOneToGit()
    {
        using var folder = new TemporaryFolder();
        await PackBuilder.GitAsync(folder.Path, [], "init", "-q");
        var random = new Random(20261122);
        var objects = Enumerable.Range(0, 300).Select(i => new GitObject
        {
            Type = GitObjectType.Blob,
            Content = Google.Protobuf.ByteString.CopyFrom(Content(random, i is 7 ? 0 : i is 8 ? 1_000_000 : random.Next(3000))),
        }).DistinctBy(PackBuilder.IdOf).ToList();
        var pipe = new System.IO.Pipelines.Pipe(new(pauseWriterThreshold: 0));
        var lines = new PktWriter(pipe.Writer);
        using (var writer = new PackWriter(lines))
        {
            writer.Begin(objects.Count);
            objects.ForEach(writer.Add);
            writer.End();
        }

        lines.Flush();
        await pipe.Writer.CompleteAsync();
        var pack = new MemoryStream();
        var reader = new PktReader(pipe.Reader.AsStream());
        while (await reader.ReadAsync(Cancel) is { Kind: PktKind.Data, Data: [1, .. var data] })
        {
            pack.Write(data);
        }

        await PackBuilder.GitAsync(folder.Path, pack.ToArray(), "index-pack", "--stdin", "--strict");
        Assert.Equal(objects.Select(PackBuilder.IdOf), (await PackBuilder.ReadAsync(pack.ToArray())).Select(PackBuilder.IdOf));
    }

    [Fact]
    public void Inflater_OfAnyContent_AgreesWithZlib()
    {
        var random = new Random(20261122);
        using var folder = new TemporaryFolder();
        foreach (var round in Enumerable.Range(0, 300))
        {
            var content = Content(random, round < 3 ? round : random.Next(200_000));
            foreach (var level in new[] { CompressionLevel.NoCompression, CompressionLevel.Fastest, CompressionLevel.Optimal, CompressionLevel.SmallestSize })
            {
                var packed = PackBuilder.Zlib(content, level);
                var output = new byte[content.Length];
                Assert.Equal(packed.Length, Inflate(folder, [.. packed, 1, 2, 3], output));
                Assert.Equal(content, output);
            }
        }
    }

    [Fact]
    public async Task Pack_Wrong_IsRefusedInWords()
    {
        var blob = PackBuilder.Entry(3, "hello"u8.ToArray());
        var far = new byte[] { 0x80, 0xff, 0x7f };
        await RefusedAsync([], "there is none");
        await RefusedAsync(PackBuilder.Pack(blob)[..^1], "checksum");
        await RefusedAsync(PackBuilder.Signed([.. "PACK"u8, 0, 0, 0, 9, 0, 0, 0, 0]), "version 2");
        await RefusedAsync(PackBuilder.Pack(2, blob), "ends within", "unknown type", "zlib");
        await RefusedAsync(PackBuilder.Pack(1, [.. blob, .. blob]), "behind its last");
        await RefusedAsync(PackBuilder.Pack(PackBuilder.Entry(3, "hello"u8.ToArray(), size: 6)), "announced");
        await RefusedAsync(PackBuilder.Pack(PackBuilder.Entry(3, "hello"u8.ToArray(), size: 4)), "announced");
        await RefusedAsync(PackBuilder.Pack(PackBuilder.Entry(5, "hello"u8.ToArray())), "type 5");
        await RefusedAsync(PackBuilder.Pack(blob, PackBuilder.Entry(6, [5, 5, 0x90, 5], far)), "base");
        await RefusedAsync(PackBuilder.Pack(PackBuilder.Entry(7, [5, 5, 0x90, 5], new byte[20])), "base");
        await RefusedAsync(PackBuilder.Pack(blob, Delta([6, 5, 0x90, 5])), "another base");
        await RefusedAsync(PackBuilder.Pack(blob, Delta([5, 5, 0x91, 1, 5])), "does not have");
        await RefusedAsync(PackBuilder.Pack(blob, Delta([5, 4, 0x90, 5])), "more than it announces");
        await RefusedAsync(PackBuilder.Pack(blob, Delta([5, 6, 0x90, 5])), "less than it announces");
        await RefusedAsync(PackBuilder.Pack(blob, Delta([5, 6, 0])), "command 0");
        await RefusedAsync(PackBuilder.Pack(blob, Delta([5, 9, 9, 1])), "own bytes");
        await RefusedAsync(PackBuilder.Pack(blob, Delta([5])), "too early");

        byte[] Delta(byte[] delta) => PackBuilder.Entry(6, delta, [(byte)blob.Length]);
    }

    [Fact]
    public async Task Pack_ThatGrowsBeyondBounds_IsRefusedBeforeItHas()
    {
        var zeros = PackBuilder.Entry(3, new byte[PackFile.MaximumObject]);
        var many = PackBuilder.Pack([.. Enumerable.Repeat(zeros, 20)]);
        var huge = PackBuilder.Pack(PackBuilder.Entry(3, [], size: 1L << 40));
        var count = PackBuilder.Pack(int.MaxValue, []);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        Assert.Equal("PUSH_TOO_LARGE", (await PackBuilder.RefusalAsync(many)).Reason);
        Assert.Equal("INLINE_TOO_LARGE", (await PackBuilder.RefusalAsync(huge)).Reason);
        Assert.Equal("PUSH_TOO_LARGE", (await PackBuilder.RefusalAsync(count)).Reason);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 200 << 20);
    }

    [Fact]
    public async Task Pack_OfALongChain_IsRefusedOrResolved()
    {
        // Each builds upon the one before: 5 bytes, copied.
        var first = PackBuilder.Entry(3, "hello"u8.ToArray());
        var next = PackBuilder.Entry(6, [5, 5, 0x90, 5], [0]).Length;
        byte[] Chain(int length) => PackBuilder.Pack([first, .. Enumerable.Range(0, length).Select(i => PackBuilder.Entry(6, [5, 5, 0x90, 5], [(byte)(i is 0 ? first.Length : next)]))]);

        Assert.Equal(4001, (await PackBuilder.ReadAsync(Chain(4000))).Count);
        Assert.Equal("PUSH_TOO_LARGE", (await PackBuilder.RefusalAsync(Chain(5000))).Reason);
    }

    [Fact]
    public async Task Pack_Mutated_IsReadOrRefusedInTime()
    {
        using var folder = new TemporaryFolder();
        await CommitAsync(folder.Path, 12);
        var pack = (await PackBuilder.GitAsync(folder.Path, [], "pack-objects", "-q", "--stdout", "--all", "--delta-base-offset"))[..^20];
        var mutator = new Mutator(20261122);
        var began = Stopwatch.GetTimestamp();
        var read = 0;
        foreach (var round in Enumerable.Range(0, 3000))
        {
            try
            {
                await PackBuilder.ReadAsync(PackBuilder.Signed(mutator.Mutate(pack)));
                read++;
            }
            catch (ErrorException)
            {
                // As it is to be.
            }
        }

        Assert.InRange(read, 0, 2999);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 60);
    }

    [Theory]
    [InlineData("0000", "Flush")]
    [InlineData("0001", "Delimiter")]
    [InlineData("0006a\n", "Data a")]
    [InlineData("0004", "Data ")]
    [InlineData("", "End")]
    [InlineData("00", "BAD_GIT_REQUEST")]
    [InlineData("xxxx", "BAD_GIT_REQUEST")]
    [InlineData("0003", "BAD_GIT_REQUEST")]
    [InlineData("0009ab", "BAD_GIT_REQUEST")]
    [InlineData("fff1", "BAD_GIT_REQUEST")]
    [InlineData(" 00a", "BAD_GIT_REQUEST")]
    public async Task PktReader_OfALine_SaysWhatItIs(string text, string expected)
    {
        var reader = new PktReader(new MemoryStream(Encoding.ASCII.GetBytes(text)));
        try
        {
            var line = await reader.ReadAsync(Cancel);
            Assert.Equal(expected, line.Kind is PktKind.Data ? $"Data {line.Text}" : line.Kind.ToString());
        }
        catch (ErrorException exception)
        {
            Assert.Equal(expected, exception.Error.Reason);
        }
    }

    private static async Task RefusedAsync(byte[] pack, params string[] words)
    {
        var error = await PackBuilder.RefusalAsync(pack);
        Assert.Equal("BAD_PACK", error.Reason);
        Assert.True(words.Any(word => error.Message.Contains(word, StringComparison.Ordinal)), error.Message);
    }

    private static long Inflate(TemporaryFolder folder, byte[] packed, byte[] output)
    {
        var path = System.IO.Path.Combine(folder.Path, "packed");
        File.WriteAllBytes(path, packed);
        using var file = File.OpenHandle(path);
        var source = new PackSource(file, packed.Length);
        new Inflater(source).Inflate(output);
        return source.Position;
    }

    // Text that repeats, noise, or both.
    private static byte[] Content(Random random, int length)
    {
        var content = new byte[length];
        random.NextBytes(content);
        for (var at = random.Next(3) is 0 ? length : 0; at < length;)
        {
            var run = Math.Min(random.Next(1, 400), length - at);
            if (at > 0 && random.Next(2) is 0)
            {
                var from = random.Next(at);
                for (var i = 0; i < run; i++)
                {
                    content[at + i] = content[from + i];
                }
            }

            at += run;
        }

        return content;
    }

    /// <summary>A repository whose file changes a little with each commit; the ids of all its objects.</summary>
    private static async Task<string[]> CommitAsync(string folder, int commits)
    {
        var stream = new StringBuilder();
        foreach (var i in Enumerable.Range(0, commits))
        {
            var text = string.Join('\n', Enumerable.Range(0, 200).Select(line => line == i ? $"changed {i}" : $"line {line} of the file")) + "\n";
            stream.Append(System.Globalization.CultureInfo.InvariantCulture, $"commit refs/heads/main\ncommitter A <a@b> {1700000000 + i} +0000\ndata 2\nm\nM 100644 inline file.txt\ndata {text.Length}\n{text}\n");
        }

        stream.Append("tag v1\nfrom refs/heads/main\ntagger A <a@b> 1700000000 +0000\ndata 2\nt\n");
        await PackBuilder.GitAsync(folder, [], "init", "-q", "-b", "main");
        await PackBuilder.GitAsync(folder, Encoding.UTF8.GetBytes(stream.ToString()), "fast-import", "--quiet");
        var ids = await PackBuilder.GitAsync(folder, [], "rev-list", "--all", "--objects", "--no-object-names");
        return Encoding.ASCII.GetString(ids).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("garden-pack-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
