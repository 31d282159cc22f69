using Microsoft.AspNetCore.Http;
using ModelGarden.Cli.Tests.Doubles;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Cli.Tests.Commands;

public sealed class DownloadTests : IAsyncLifetime
{
    private static readonly byte[] Weights = [.. Enumerable.Range(0, 700_000).Select(i => (byte)(i * 13 / 3))];
    private GardenDouble _garden = null!;
    private HubDouble _hub = null!;
    private Machine _machine = null!;

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenDouble.StartAsync();
        _hub = new(_garden);
        _machine = new(_garden);
        _hub.Add("README.md", "# Tiny"u8.ToArray());
        _hub.Add("weights.bin", Weights);
        _hub.Add("onnx/a b#c.bin", [1, 2, 3]);
        _hub.Add("twin.bin", [1, 2, 3]);
        _hub.Add("empty.txt", []);
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
    }

    private static CancellationToken Cancel => Patience.Cancel;

    private Task<byte[]> ReadAsync(string path) => File.ReadAllBytesAsync(_machine.PathOf(path), Cancel);

    [Fact]
    public async Task Download_AModel_BringsEveryFile()
    {
        var ran = (await _machine.RunAsync("models", "download", "acme/tiny", "--json")).Ok();

        Assert.Equal(Weights, await ReadAsync("tiny/weights.bin"));
        Assert.Equal([1, 2, 3], await ReadAsync("tiny/onnx/a b#c.bin"));
        Assert.Empty(await ReadAsync("tiny/empty.txt"));
        Assert.False(Directory.Exists(_machine.PathOf("tiny/.garden")));
        Assert.Equal((5, _hub.Repository.Head), ((int)ran.Json["fetched"]!, (string?)ran.Json["commit"]));
    }

    [Fact]
    public async Task Download_InTable_SaysWhereAndHowMuch()
    {
        var ran = (await _machine.RunAsync("models", "download", "acme/tiny@v1", "--to", "here")).Ok();

        Assert.Contains(_machine.PathOf("here"), ran.Out, StringComparison.Ordinal);
        Assert.Contains("5 (700 kB), 5 fetched", ran.Out, StringComparison.Ordinal);
        Assert.Contains("downloaded weights.bin (700 kB)", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_Again_FetchesNothing()
    {
        (await _machine.RunAsync("models", "download", "acme/tiny")).Ok();
        _garden.Requests.Clear();

        var ran = (await _machine.RunAsync("models", "download", "acme/tiny", "--json")).Ok();

        Assert.Equal(0, (int)ran.Json["fetched"]!);
        Assert.DoesNotContain(_garden.Requests, request => request.Path.Contains("resolve", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Download_FileSpoiledOnDisk_IsFetchedAgain()
    {
        (await _machine.RunAsync("models", "download", "acme/tiny")).Ok();
        _machine.Write("tiny/weights.bin", new byte[Weights.Length]);

        (await _machine.RunAsync("models", "download", "acme/tiny")).Ok();

        Assert.Equal(Weights, await ReadAsync("tiny/weights.bin"));
    }

    [Theory]
    [InlineData("*.bin", 3)]
    [InlineData("onnx/**", 1)]
    [InlineData("README.md", 1)]
    public async Task Download_Include_TakesOnlyThose(string pattern, int count)
    {
        var ran = (await _machine.RunAsync("models", "download", "acme/tiny", "--include", pattern, "--json")).Ok();

        Assert.Equal(count, (int)ran.Json["fetched"]!);
    }

    [Fact]
    public async Task Download_NothingLikeThat_IsSaid()
    {
        var ran = await _machine.RunAsync("models", "download", "acme/tiny", "--include", "*.gguf");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains("none of the 5 files", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_ConnectionBreaks_ComesWhole()
    {
        _garden.FailOnce(request => request.Path.Value!.StartsWith("/signed/weights", StringComparison.Ordinal), async context =>
        {
            context.Response.ContentLength = Weights.Length;
            await context.Response.Body.WriteAsync(Weights.AsMemory(0, 200_000));
            await context.Response.Body.FlushAsync();
            context.Abort();
        });

        (await _machine.RunAsync("models", "download", "acme/tiny")).Ok();

        Assert.Equal(Weights, await ReadAsync("tiny/weights.bin"));
        Assert.Single(_machine.Pauses);
    }

    [Fact]
    public async Task Download_AnswerTooShort_GoesOnWhereItStopped()
    {
        var broken = 0;
        _hub.Spoil = (path, body) => path is "weights.bin" && broken++ is 0 ? body[..300_000] : body;

        (await _machine.RunAsync("models", "download", "acme/tiny")).Ok();

        Assert.Equal(Weights, await ReadAsync("tiny/weights.bin"));
        Assert.Contains(_garden.Requests, request => request.Path.StartsWith("/signed/weights.bin", StringComparison.Ordinal) && request.Range is "bytes=300000-");
    }

    [Fact]
    public async Task Download_StoppedForGood_LeavesAPartForTheNextRun()
    {
        _hub.Spoil = (path, body) => path is "weights.bin" ? body[..Math.Min(body.Length, 1000)] : body;
        var first = await _machine.RunAsync("models", "download", "acme/tiny");
        _hub.Spoil = (_, body) => body;
        _garden.Requests.Clear();

        (await _machine.RunAsync("models", "download", "acme/tiny")).Ok();

        Assert.Equal(ExitCodes.NotReachable, first.Code);
        Assert.Contains(_garden.Requests, request => request.Range is "bytes=5000-");
        Assert.Equal(Weights, await ReadAsync("tiny/weights.bin"));
    }

    [Fact]
    public async Task Download_WrongByte_IsNotKept()
    {
        _hub.Spoil = (path, body) => path is "weights.bin" ? [.. body[..^1], (byte)(body[^1] ^ 1)] : body;

        var ran = await _machine.RunAsync("models", "download", "acme/tiny");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains("(CORRUPT)", ran.Err, StringComparison.Ordinal);
        Assert.False(File.Exists(_machine.PathOf("tiny/weights.bin")));
        Assert.DoesNotContain(Directory.GetFiles(_machine.PathOf("tiny"), "*", SearchOption.AllDirectories), file => file.Contains(HubDouble.Sha256(Weights), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Download_WrongByteInASmallFile_IsNotKept()
    {
        _hub.Spoil = (path, body) => path is "README.md" ? [.. body[..^1], (byte)'!'] : body;

        var ran = await _machine.RunAsync("models", "download", "acme/tiny");

        Assert.Contains("README.md came with digest", ran.Err, StringComparison.Ordinal);
        Assert.False(File.Exists(_machine.PathOf("tiny/README.md")));
    }

    [Fact]
    public async Task Download_PartOfAnEarlierRunIsBad_BeginsAnew()
    {
        var name = $"{HubDouble.Sha256(Weights)}-{HubDouble.Sha256("weights.bin"u8.ToArray())[..8]}.part";
        _machine.Write($"tiny/.garden/{name}", new byte[400_000]);

        (await _machine.RunAsync("models", "download", "acme/tiny")).Ok();

        Assert.Equal(Weights, await ReadAsync("tiny/weights.bin"));
    }

    [Fact]
    public async Task Download_PathThatLeadsOut_IsRefused()
    {
        _garden.On<ListTreeRequest>("ListTree", _ => new ListTreeResponse { Entries = { new TreeEntry { Path = "../out.txt", Size = 1, Oid = new('a', 40) } } });

        var ran = await _machine.RunAsync("models", "download", "acme/tiny");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains("BAD_PATH", ran.Err, StringComparison.Ordinal);
        Assert.False(File.Exists(_machine.PathOf("out.txt")));
    }

    [Fact]
    public async Task Download_LicenceNotAccepted_SaysTheNextCommand()
    {
        _hub.Repository.Record = new() { Declared = new() { Licenses = { "kjv-1.0" } } };
        _garden.On<GetLicenseRequest>("GetLicense", request => new License { Id = request.Id, RequiresAcceptance = true });
        _garden.FailOnce(request => request.Path.Value!.Contains("/resolve/", StringComparison.Ordinal), context =>
        {
            context.Response.StatusCode = 403;
            context.Response.Headers["X-Error-Code"] = "GatedRepo";
            return context.Response.WriteAsync("""{"error": "the licence kjv-1.0 is not accepted"}""");
        });

        var ran = await _machine.RunAsync("models", "download", "acme/tiny", "--include", "weights.bin");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains("error: the licence kjv-1.0 is not accepted (GatedRepo)", ran.Err, StringComparison.Ordinal);
        Assert.Contains("next: garden licenses accept kjv-1.0", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_Interrupted_EndsWith130()
    {
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        _garden.FailOnce(request => request.Path.Value!.Contains("/resolve/", StringComparison.Ordinal), async context =>
        {
            await interrupt.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });

        var ran = await _machine.RunAsync(interrupt.Token, "models", "download", "acme/tiny");

        Assert.Equal((ExitCodes.Interrupted, true), (ran.Code, ran.Err.EndsWith("interrupted\n", StringComparison.Ordinal)));
    }
}
