using System.Security.Cryptography;
using ModelGarden.Cli.Tests.Doubles;

namespace ModelGarden.Cli.Tests.RealGarden;

/// <summary><c>garden models publish</c> to a real garden, on lines that break; what goes over them is counted.</summary>
public sealed class BadLineTests : IAsyncLifetime
{
    private const int PartSize = GardenOfBooks.PartSize;

    // Everything that is not bytes of the file: headers, JSON, the commit.
    private const int Talk = 48 << 10;

    private static readonly byte[] Weights = RandomNumberGenerator.GetBytes((20 * PartSize) + 1000);
    private static readonly byte[] Short = RandomNumberGenerator.GetBytes(1000);
    private readonly Machine _machine = new();
    private GardenOfBooks _garden = null!;

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenOfBooks.StartAsync();
        _machine["GARDEN_TOKEN"] = _garden.Token;
        _machine.Write("tiny/weights.safetensors", Weights);
        _machine.Write("tiny/short.safetensors", Short);
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
    }

    [Fact]
    public async Task Publish_LineBreaksAgainAndAgain_SendsNoMoreThanTheBrokenPiecesTwice()
    {
        long[] breaks = [(3 * PartSize) + (PartSize / 2), 9 * PartSize, (15 * PartSize) + (PartSize / 4)];
        await using var line = new BadLine(_garden.Address, breaks);

        (await PublishAsync(line)).Ok();

        await IsThereAsync();
        Assert.Equal(0, line.BreaksLeft);
        Assert.InRange(line.Up, Weights.Length, Weights.Length + (breaks.Length * PartSize) + Talk);
    }

    [Fact]
    public async Task Publish_AgainAfterTheLineWent_SendsOnlyWhatIsMissing()
    {
        await using (var line = new BadLine(_garden.Address, [(15 * PartSize) + (PartSize / 2)], staysDown: true))
        {
            var broken = await PublishAsync(line);

            Assert.Equal(ExitCodes.NotReachable, broken.Code);
            Assert.Contains("the same command goes on from there", broken.Err, StringComparison.Ordinal);
        }

        await _garden.RestartArtifactsAsync();
        await using var next = new BadLine(_garden.Address, []);
        (await PublishAsync(next)).Ok();

        await IsThereAsync();
        Assert.InRange(next.Up, 5 * PartSize, (7 * PartSize) + Talk);
    }

    [Fact]
    public async Task Publish_FileThatTheGardenHas_IsNotSent()
    {
        await using var line = new BadLine(_garden.Address, []);
        (await PublishAsync(line)).Ok();
        var before = line.Up;

        (await PublishAsync(line, "books/twin")).Ok();

        Assert.InRange(line.Up - before, 1, Talk);
    }

    [Fact]
    public async Task Publish_FileThatIsTooLarge_IsSaidAtOnce()
    {
        await using var line = new BadLine(_garden.Address, []);
        _machine.Write("tiny/weights.safetensors", new byte[GardenOfBooks.MaximumFileSize + 1]);

        var ran = await PublishAsync(line);

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains("(FILE_TOO_LARGE)", ran.Err, StringComparison.Ordinal);
        Assert.Empty(_machine.Pauses);
        Assert.InRange(line.Up, 1, Talk);
    }

    private Task<Ran> PublishAsync(BadLine line, string name = "books/tiny")
    {
        _machine["GARDEN_URL"] = line.Address;
        return _machine.RunAsync("models", "publish", "tiny", "--name", name);
    }

    private async Task IsThereAsync() => Assert.Equal(
        [Short.Length, Weights.Length], (await _garden.FilesAsync(HubDouble.Sha256(Weights), HubDouble.Sha256(Short))).Select(file => file.Size).Order());
}
