using System.Globalization;
using ModelGarden.Testing;

namespace ModelGarden.Artifacts.Tests.Collection;

/// <summary>No file that was acknowledged and committed is ever lost, whatever happens at once: see <see cref="RandomLives"/>.</summary>
public sealed class CollectionPropertyTests
{
    // COLLECTION_LIVES=1000 lives that many, from new seeds.
    private static readonly int Lives = int.Parse(Environment.GetEnvironmentVariable("COLLECTION_LIVES") ?? "0", CultureInfo.InvariantCulture);
    private const int Steps = 60;

    // Lives in which nothing happens show nothing: then others follow.
    private const int MaximumLives = 20;

    [Fact]
    public Task SqliteGarden_LivingAtRandom_LosesNothingAndKeepsNothing() => LiveAsync(4, () => Task.FromResult<TestDatabase?>(null));

    [Fact]
    public Task PostgresGarden_LivingAtRandom_LosesNothingAndKeepsNothing() => LiveAsync(4, async () => await TestDatabase.CreateAsync());

    private static async Task LiveAsync(int lives, Func<Task<TestDatabase?>> databases)
    {
        var (rewritten, freed, killed) = (0, 0, 0);
        var first = Lives > 0 ? Environment.TickCount & 0xFFFFFF : 0;
        for (var seed = first; seed < first + Math.Max(lives, Lives) || (seed < first + MaximumLives && (rewritten is 0 || freed is 0 || killed is 0)); seed++)
        {
            await using var database = await databases();
            await using var life = await RandomLives.StartAsync(seed, database);
            try
            {
                await life.LiveAsync(Steps);
                await life.EndAsync();
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}: {exception.Message}\n{string.Join('\n', life.Story.TakeLast(60))}", exception);
            }

            (rewritten, freed, killed) = (rewritten + life.Rewritten, freed + life.Freed, killed + life.Killed);
        }

        Assert.True(rewritten > 0 && freed > 0 && killed > 0, $"{rewritten} xorbs rewritten, {freed} objects freed, {killed} times killed");
    }
}
