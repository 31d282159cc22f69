using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Files;
using ModelGarden.Xet;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Chunks;

/// <summary>
/// What a file of weights adds to a store that has it already, or with another header. Chunks and the bytes of objects are counted; the database, which has a row for each chunk and one
/// for the file, is counted by the benchmark of the store, with a file that is large enough for parts in a thousand.
/// </summary>
public sealed class SharedBytesTests
{
    private const int Weights = 8 << 20;

    [Fact]
    public async Task Upload_OfACopy_AddsNothing()
    {
        await using var garden = await StartAsync();
        var file = Safetensors("");
        await garden.UploadAsync(file);
        var before = await CountAsync(garden);

        Assert.Empty((await garden.PrepareAsync(file)).Url);
        await garden.UploadAsync(file, "other");

        Assert.InRange(before.Chunks, file.Length / XetLimits.Chunk, file.Length / (8 << 10));
        Assert.Equal(before, await CountAsync(garden));
    }

    [Fact]
    public async Task Upload_OfALongerHeader_AddsTheChunksOfTheHeader()
    {
        await using var garden = await StartAsync();
        await garden.UploadAsync(Safetensors(""));
        var before = await CountAsync(garden);

        await garden.UploadAsync(Safetensors(new string('x', 1024)));

        var after = await CountAsync(garden);
        Assert.InRange(after.Chunks - before.Chunks, 1, 3);
        Assert.InRange(after.Bytes - before.Bytes, 1, 4 * XetLimits.Chunk);
    }

    /// <summary>The chunks of all xorbs, and the bytes of all objects.</summary>
    private static async Task<(int Chunks, long Bytes)> CountAsync(ArtifactsGarden garden)
    {
        await using var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        var xorbs = await context.Xorbs.ToListAsync(Cancel);
        var bytes = garden.StoredPaths().Sum(path => new FileInfo(Path.Combine(garden.Garden.Data, "artifacts", path)).Length);
        return (xorbs.Sum(xorb => xorb.ToStoredXorb().Index.Count), bytes);
    }

    /// <summary>One tensor of as random weights as a trained one has, behind a header with this note.</summary>
    private static byte[] Safetensors(string note)
    {
        var header = Encoding.ASCII.GetBytes($$$"""{"__metadata__":{"note":"{{{note}}}"},"w":{"dtype":"F32","shape":[{{{Weights}}}],"data_offsets":[0,{{{4 * Weights}}}]}}""");
        var file = new byte[8 + header.Length + (4 * Weights)];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file, 8);
        var (random, weights) = (new Random(1), new float[Weights]);
        foreach (ref var weight in weights.AsSpan())
        {
            weight = 0.02f * (random.NextSingle() - random.NextSingle());
        }

        MemoryMarshal.AsBytes(weights.AsSpan()).CopyTo(file.AsSpan(8 + header.Length));
        return file;
    }
}
