using System.Net;
using ModelGarden.Artifacts.Tests.Cas;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Crashes;

/// <summary>Killed, or the power cut, at each step of two xorbs and a shard: each that was acknowledged is known, and the file can be sent to its end.</summary>
public sealed class XetCrashTests
{
    [Fact]
    public async Task XorbsAndShard_KilledAnywhere_LoseNothingAcknowledged()
    {
        var lives = new CrashLives();
        await using var cas = await CasGarden.StartWithAsync(lives.Artifacts);
        await DieEverywhereAsync(lives, cas);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task XorbsAndShard_PowerCutAnywhere_LoseNothingAcknowledged(bool keepsEntries)
    {
        using var power = new PowerSupply(keepsEntries);
        var lives = new CrashLives(power.Restore);
        await using var cas = await CasGarden.StartWithAsync(lives.Artifacts, settings: power.Setting);
        await DieEverywhereAsync(lives, cas);
    }

    private static async Task DieEverywhereAsync(CrashLives lives, CasGarden cas)
    {
        var sent = 0;
        var steps = await lives.EndEverywhereAsync(
            cas.Garden,
            _ => Task.FromResult(sent = 0),
            async number =>
            {
                var (xorbs, file) = Make(number);
                foreach (var xorb in xorbs)
                {
                    if (!await IsTakenAsync(cas.PostXorbAsync($"{xorb.Hash}", xorb.Body)))
                    {
                        return false;
                    }

                    sent++;
                }

                return await IsTakenAsync(cas.PostShardAsync(TestFile.Shard([file], xorbs)));
            },
            (number, acknowledged) => CheckAsync(cas, number, sent, acknowledged));
        Assert.InRange(steps, 8, 100);
    }

    private static async Task CheckAsync(CasGarden cas, int number, int sent, bool acknowledged)
    {
        var (xorbs, file) = Make(number);
        foreach (var xorb in xorbs.Take(sent))
        {
            using var known = await cas.SendAsync(HttpMethod.Head, xorb.Path, await cas.TokenAsync());
            Assert.Equal((HttpStatusCode.OK, xorb.SentLength), (known.StatusCode, known.Content.Headers.ContentLength));
        }

        cas.CommitFiles(file.Bytes);
        if (acknowledged)
        {
            Assert.Equal(file.Bytes, await cas.DownloadAsync(file.Hash));
        }

        foreach (var xorb in xorbs)
        {
            await cas.UploadAsync(xorb);
        }

        var isNew = await cas.RegisterAsync(TestFile.Shard([file], xorbs));
        Assert.True(isNew is 0 || !acknowledged);
        Assert.Equal(file.Bytes, await cas.DownloadAsync(file.Hash));
    }

    private static (TestXorb[] Xorbs, TestFile File) Make(int number)
    {
        TestXorb[] xorbs = [TestXorb.Any(number), TestXorb.Any(number + 5000)];
        return (xorbs, TestFile.Of((xorbs[0], 0, 4), (xorbs[1], 1, 3)));
    }

    private static async Task<bool> IsTakenAsync(Task<HttpResponseMessage> sending)
    {
        using var response = await sending;
        return response.StatusCode is HttpStatusCode.OK;
    }
}
