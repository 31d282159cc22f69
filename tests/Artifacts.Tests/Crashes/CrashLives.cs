using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Kernel;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Crashes;

/// <summary>A garden that does the same thing over and over and is killed at each step of it, in each way.</summary>
internal sealed class CrashLives
{
    private const int MaximumSteps = 100;
    private Life _life = null!;

    /// <param name="mortal">See <see cref="DyingDatabase.Artifacts"/>.</param>
    public CrashLives(Func<IObjectStore, Life, IObjectStore>? mortal = null) => Artifacts = DyingDatabase.Artifacts(() => _life = new(), mortal);

    /// <summary>To be started, and started again after each life.</summary>
    public ServiceDefinition Artifacts { get; }

    public bool IsDead => _life.IsDead;

    public Task Died => _life.Died;

    /// <summary>Lives until one comes to its end; how many steps that one has.</summary>
    /// <param name="garden">With these Artifacts.</param>
    /// <param name="prepare">What is done before it can be killed; given a number that no other life has.</param>
    /// <param name="act">What it is killed in: true when all of it was acknowledged.</param>
    /// <param name="check">After the restart: that what was acknowledged is there, and that it can be done again or to its end.</param>
    public async Task<int> EndEverywhereAsync(ArtifactsGarden garden, Func<int, Task> prepare, Func<int, Task<bool>> act, Func<int, bool, Task> check)
    {
        for (var step = 1; ; step++)
        {
            Assert.InRange(step, 1, MaximumSteps);
            foreach (var death in new[] { Death.Before, Death.After, Death.Halfway })
            {
                var number = (step * 10) + (int)death;
                await prepare(number);
                _life.DieAt(_life.Steps + step, death);
                var acknowledged = await act(number);
                var (ended, wasDead) = (_life, _life.IsDead);
                await garden.Garden.RestartAsync(Artifacts);
                Assert.True(acknowledged || wasDead, $"step {step} was not reached, and it is not done");
                await SaidAsync($"killed at step {step} ({death})", () => check(number, acknowledged));
                if (!wasDead)
                {
                    await AssertWholeAsync(garden);
                    return step - 1;
                }

                if (death is Death.After && !ended.EndedAtAWrite)
                {
                    break;
                }
            }
        }
    }

    /// <summary>Whether all of it was acknowledged; false too where a call failed since the process is dead.</summary>
    public async Task<bool> AliveAsync(Func<Task<bool>> send)
    {
        try
        {
            return await send();
        }
        catch (Exception exception) when (IsDead && exception is Grpc.Core.RpcException or HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Nothing is half there: each xorb has its object, and each file its bytes.</summary>
    public static async Task AssertWholeAsync(ArtifactsGarden garden)
    {
        await using var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        foreach (var xorb in await context.Xorbs.ToListAsync(Cancel))
        {
            Assert.Equal(xorb.StoredBytes, (await garden.Part<IObjectStore>().FindAsync(ObjectKey.FromStored(xorb.Object), Cancel))?.Length);
        }

        foreach (var file in await context.Files.ToListAsync(Cancel))
        {
            using var reader = await garden.Part<ChunkStore>().OpenAsync(Sha256Digest.Create(file.Sha256).OrThrow(), Cancel);
            await using var stream = reader!.OpenStream();
            Assert.Equal(file.Sha256, Convert.ToHexStringLower(await System.Security.Cryptography.SHA256.HashDataAsync(stream, Cancel)));
            Assert.NotEqual(Verdict.Unspecified, file.Verdict);
        }
    }

    private static async Task SaidAsync(string when, Func<Task> check)
    {
        try
        {
            await check();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{when}: {exception.Message}", exception);
        }
    }
}
