using System.Net;
using ModelGarden.Artifacts.Tests.Objects;
using ModelGarden.Hosting;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests;

/// <summary>Killed at each operation of the store, in each way: what was acknowledged is there, whole; what was not is sent again and then is.</summary>
public sealed class CrashTests
{
    private const int MaximumOperations = 100;
    private readonly Dictionary<byte[], long> _acknowledged = [];
    private DyingStore _store = null!;

    private ServiceDefinition Artifacts => Over(store => _store = new DyingStore(store));

    [Fact]
    public Task Put_KilledAnywhere_LosesNothingAcknowledged() => DieEverywhereAsync(PutAsync, atLeast: 4);

    [Fact]
    public Task Parts_KilledAnywhere_LoseNothingAcknowledged() => DieEverywhereAsync(PutPartsAsync, atLeast: 15);

    /// <summary>The second file is mostly the first one.</summary>
    [Fact]
    public Task Put_OfWhatIsPartlyThere_KilledAnywhere_LosesNothingAcknowledged() => DieEverywhereAsync(
        async (garden, bytes) => await PutAsync(garden, bytes) && await PutAsync(garden, [.. bytes, .. Bytes(70_000, bytes[0])]), atLeast: 6);

    [Fact]
    public Task Appends_KilledAnywhere_LoseNothingAcknowledged() => DieEverywhereAsync(AppendAsync, atLeast: 15);

    private async Task DieEverywhereAsync(Func<ArtifactsGarden, byte[], Task<bool>> send, int atLeast)
    {
        await using var garden = await StartWithAsync([Artifacts], null, null);
        var operation = 0;
        for (var isAlive = false; !isAlive; operation++)
        {
            Assert.InRange(operation, 0, MaximumOperations);
            foreach (var death in Enum.GetValues<Death>())
            {
                isAlive = await LiveAsync(garden, send, operation + 1, death);
            }
        }

        Assert.InRange(operation, atLeast, MaximumOperations);
    }

    /// <summary>True: it was all done before that operation.</summary>
    private async Task<bool> LiveAsync(ArtifactsGarden garden, Func<ArtifactsGarden, byte[], Task<bool>> send, int operation, Death death)
    {
        var bytes = Bytes(3 * PartSize, (operation * 10) + (int)death);
        _store.DieAt(_store.Operations + operation, death);
        var acknowledged = await send(garden, bytes);
        var isAlive = !_store.IsDead;
        await garden.Garden.RestartAsync(Artifacts);

        var held = await garden.FilesAsync(People.Engineer(), bytes);
        Assert.True(!acknowledged || held.Count is 1, $"killed at operation {operation} ({death}): acknowledged and not there");
        if (held.Count is 0)
        {
            Assert.True(await send(garden, bytes), $"killed at operation {operation} ({death}): cannot be sent again");
        }

        Assert.Equal(bytes, await garden.Http.GetByteArrayAsync(await garden.SignAsync(bytes), Cancel));
        return isAlive;
    }

    private static async Task<bool> PutAsync(ArtifactsGarden garden, byte[] bytes)
    {
        var upload = await garden.PrepareAsync(bytes);
        return upload.Stored || await IsDoneAsync(garden.PutAsync(upload.Url, bytes));
    }

    private static async Task<bool> PutPartsAsync(ArtifactsGarden garden, byte[] bytes)
    {
        var upload = await garden.PrepareAsync(bytes, multipart: true);
        var etags = new List<(int, string)>();
        foreach (var number in Enumerable.Range(1, upload.PartUrls.Count))
        {
            using var part = await garden.PutAsync(upload.PartUrls[number - 1], bytes.AsMemory((number - 1) * PartSize, PartSize));
            if (part.StatusCode is not HttpStatusCode.OK)
            {
                return false;
            }

            etags.Add((number, part.Headers.ETag!.ToString()));
        }

        return upload.Stored || await IsDoneAsync(garden.CompleteAsync(upload, bytes, [.. etags]));
    }

    /// <summary>Sends what is missing, which is no more than what has not been acknowledged.</summary>
    private async Task<bool> AppendAsync(ArtifactsGarden garden, byte[] bytes)
    {
        var upload = await garden.PrepareResumableAsync(bytes);
        var (offset, isComplete) = await garden.ProgressAsync(upload);
        Assert.True(offset >= _acknowledged.GetValueOrDefault(bytes), $"{_acknowledged.GetValueOrDefault(bytes)} bytes were acknowledged, {offset} are there");
        while (!isComplete)
        {
            using var response = await garden.AppendAsync(upload, bytes, (int)offset);
            if (!response.IsSuccessStatusCode)
            {
                return false;
            }

            (offset, isComplete) = ProgressOf(response);
            _acknowledged[bytes] = offset;
        }

        return true;
    }

    private static async Task<bool> IsDoneAsync(Task<HttpResponseMessage> sending)
    {
        using var response = await sending;
        return response.StatusCode is HttpStatusCode.OK;
    }
}
