using ModelGarden.Artifacts.Tests.Cas;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Quotas;

public abstract partial class QuotaContract
{
    private static readonly string[] Tenants = ["acme", "globex", "initech"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Usage_AfterAnythingAtAll_IsWhatItsFilesNeed(int seed)
    {
        await using var cas = await StartAsync();
        var (random, files, rewritten) = (new Random(seed), new List<byte[]>(), 0L);
        var blocks = Enumerable.Range(0, 6).Select(n => Bytes(150_000, (seed * 100) + n)).ToList();
        var chunks = Enumerable.Range(0, 12).Select(n => Bytes(3000 + n, (seed * 1000) + n)).ToList();
        for (var step = 0; step < 40; step++)
        {
            var tenant = Tenants[random.Next(Tenants.Length)];
            switch (random.Next(4))
            {
                case 0:
                    await UploadAsync(cas, files, [.. Enumerable.Range(0, 1 + random.Next(3)).SelectMany(_ => blocks[random.Next(blocks.Count)])], tenant);
                    break;
                case 1 when files.Count > 0:
                    await UploadAsync(cas, files, files[random.Next(files.Count)], tenant);
                    break;
                case 2:
                    files.Add(await UploadPiecesAsync(cas, random, chunks, tenant));
                    break;
                default:
                    cas.CommitFiles([.. files.Where(_ => random.Next(2) is 0)]);
                    rewritten += (await CollectAsync(cas)).RewrittenXorbs;
                    break;
            }

            await UsageProof.AssertAsync(cas.Garden);
        }

        Assert.True(rewritten > 0);
    }

    private static async Task UploadAsync(CasGarden cas, List<byte[]> files, byte[] bytes, string tenant)
    {
        files.Add(bytes);
        var upload = await cas.Garden.PrepareAsync(bytes, tenant);
        if (!upload.Stored)
        {
            using var response = await cas.Garden.PutAsync(upload.Url, bytes);
            response.EnsureSuccessStatusCode();
        }
    }

    /// <summary>A xorb that repeats chunks of others, and of itself, and a file of some of it.</summary>
    private static async Task<byte[]> UploadPiecesAsync(CasGarden cas, Random random, List<byte[]> chunks, string tenant)
    {
        var xorb = TestXorb.Of([.. Enumerable.Range(0, 2 + random.Next(6)).Select(_ => chunks[random.Next(chunks.Count)])]);
        var (first, again) = (random.Next(xorb.Chunks.Count), random.Next(xorb.Chunks.Count));
        var file = TestFile.Of((xorb, first, xorb.Chunks.Count), (xorb, again, again + 1));
        await cas.UploadAsync(xorb, tenant);
        await cas.RegisterAsync(TestFile.Shard([file], xorb), tenant);
        return file.Bytes;
    }
}
