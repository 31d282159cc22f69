using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using ModelGarden.Cli.Tests.Doubles;
using ModelGarden.Testing;

namespace ModelGarden.Cli.Tests.Commands;

/// <summary>How <c>garden models publish</c> goes on where it was broken off, remembering nothing itself.</summary>
public sealed class ResumingTests : IAsyncLifetime
{
    private const int Piece = 1 << 20;
    private static readonly byte[] Weights = [.. Enumerable.Range(0, 3_500_000).Select(i => (byte)(i * 31 / 7))];
    private GardenDouble _garden = null!;
    private HubDouble _hub = null!;
    private Machine _machine = null!;

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenDouble.StartAsync();
        _hub = new(_garden);
        _machine = new(_garden);
        _machine.Write("tiny/weights.bin", Weights);
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
    }

    private IEnumerable<long> Sent => _garden.Requests.Where(request => request.Verb is "PATCH").Select(request => request.Length);

    private Task<Ran> PublishAsync() => PublishUntilAsync(TestContext.Current.CancellationToken);

    private Task<Ran> PublishUntilAsync(CancellationToken cancellationToken) => _machine.RunAsync(cancellationToken, "models", "publish", "tiny", "--name", "acme/tiny");

    [Fact]
    public async Task Publish_ConnectionBreaksInTheMiddle_SendsThatPieceAgain()
    {
        _garden.FailOnce(IsPatch, async context =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[1000]);
            context.Abort();
        });

        (await PublishAsync()).Ok();

        Assert.Equal(Weights, _hub.Files["weights.bin"]);
        Assert.Single(_machine.Pauses);
        Assert.Equal([Piece, Piece, Piece, Piece, 3_500_000 - (3 * Piece)], Sent);
    }

    [Fact]
    public async Task Publish_AnswerIsLost_IsNotSentAgain()
    {
        _garden.FailOnce(IsPatch, async context =>
        {
            _hub.Begin(Weights, Weights[..Piece]);
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Abort();
        });

        (await PublishAsync()).Ok();

        Assert.Equal(Weights, _hub.Files["weights.bin"]);
    }

    [Fact]
    public async Task Publish_BrokenOff_SaysHowToGoOnAndSendsOnlyWhatIsMissing()
    {
        FailAt(2 * Piece, context => GardenDouble.RefuseAsync(context, 507, "STORAGE_FULL", "no room"));
        var first = await PublishAsync();
        _garden.Requests.Clear();

        (await PublishAsync()).Ok();

        Assert.Equal(ExitCodes.Failed, first.Code);
        Assert.Contains("what has arrived is kept until 2033-05-18 03:33 UTC: the same command goes on from there", first.Err, StringComparison.Ordinal);
        Assert.Contains("no room (STORAGE_FULL)", first.Err, StringComparison.Ordinal);
        Assert.Equal([Piece, 3_500_000 - (3 * Piece)], Sent);
        Assert.Equal(Weights, _hub.Files["weights.bin"]);
        Assert.False(Directory.Exists(_machine.PathOf(".local")));
    }

    [Fact]
    public async Task Publish_Interrupted_SaysHowToGoOnAndGoesOn()
    {
        using var interrupt = new CancellationTokenSource();
        FailAt(Piece, async context =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[1000]);
            await interrupt.CancelAsync();
        });

        var first = await PublishUntilAsync(interrupt.Token).InTimeAsync();
        _garden.Requests.Clear();
        (await PublishAsync()).Ok();

        Assert.Equal(ExitCodes.Interrupted, first.Code);
        Assert.Equal(["what has arrived is kept until 2033-05-18 03:33 UTC: the same command goes on from there", "interrupted"], first.Err.Split('\n')[^3..^1]);
        Assert.Equal([Piece, Piece, 3_500_000 - (3 * Piece)], Sent);
    }

    [Theory]
    [InlineData(403, "URL_EXPIRED", 1)]
    [InlineData(404, "UPLOAD_NOT_FOUND", 1)]
    [InlineData(404, "FILE_GONE", 1)]
    [InlineData(400, "DIGEST_MISMATCH", 1)]
    [InlineData(503, "BODY_TOO_SLOW", 0)]
    public async Task Publish_RefusedOnTheWay_GoesOnFromThere(int status, string reason, int prepared)
    {
        FailAt(Piece, context => RefuseAsync(context, status, reason));

        (await PublishAsync()).Ok();

        Assert.Equal(Weights, _hub.Files["weights.bin"]);
        Assert.Equal(1 + prepared, _garden.Requests.Count(request => request.Path.EndsWith("/garden/v1/uploads", StringComparison.Ordinal)));
        Assert.Equal(5, Sent.Count());
    }

    [Fact]
    public async Task Publish_RefusedForGood_IsSaidAtOnce()
    {
        FailAt(Piece, context => RefuseAsync(context, 403, "BAD_SIGNATURE"));

        var ran = await PublishAsync();

        Assert.Equal((ExitCodes.Failed, 2), (ran.Code, Sent.Count()));
        Assert.Contains("(BAD_SIGNATURE)", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_RefusedAgainAndAgain_GivesUp()
    {
        for (var i = 0; i < 20; i++)
        {
            _garden.FailOnce(IsPatch, context => RefuseAsync(context, 400, "DIGEST_MISMATCH"));
        }

        var ran = await PublishAsync();

        Assert.Equal((ExitCodes.Failed, 6), (ran.Code, Sent.Count()));
        Assert.Contains("(DIGEST_MISMATCH)", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_WhatCameEarlierIsNotTheFile_SendsAllAgainOnce()
    {
        _hub.Begin(Weights, new byte[Piece]);

        (await PublishAsync()).Ok();

        Assert.Equal(Weights, _hub.Files["weights.bin"]);
        Assert.Equal(3 + 4, Sent.Count());
    }

    [Fact]
    public async Task Publish_FileChangesMeanwhile_IsSaid()
    {
        FailAt(Piece, async context =>
        {
            _machine.Write("tiny/weights.bin", new byte[Weights.Length]);
            await RefuseAsync(context, 503, "BUSY");
        });

        var ran = await PublishAsync();

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains("weights.bin changed while it was sent: try again (FILE_CHANGED)", ran.Err, StringComparison.Ordinal);
        Assert.Empty(_hub.Files);
    }

    [Fact]
    public async Task Publish_SentBySomeoneElseToo_TakesTheirPiecesAlong()
    {
        FailAt(Piece, context =>
        {
            _hub.Begin(Weights, Weights[..(3 * Piece)]);
            return RefuseAsync(context, 503, "BUSY");
        });

        (await PublishAsync()).Ok();

        Assert.Equal(Weights, _hub.Files["weights.bin"]);
        Assert.Equal(4, Sent.Count());
    }

    [Fact]
    public async Task Publish_ManyLargeFiles_FourAtATime()
    {
        var (now, atOnce, refused) = (0, new ConcurrentBag<int>(), new ConcurrentDictionary<string, bool>());
        var four = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        for (var i = 0; i < 9; i++)
        {
            _machine.Write($"tiny/{i}.bin", [1, 2, (byte)i]);
            // Once for each file: one that others' refusals hit as well would run out of attempts.
            _garden.FailOnce(request => request.Method is "PUT" && refused.TryAdd(request.Path, true), async context =>
            {
                var running = Interlocked.Increment(ref now);
                atOnce.Add(running);
                if (running is 4)
                {
                    four.TrySetResult();
                }

                await four.Task.InTimeAsync();
                Interlocked.Decrement(ref now);
                await RefuseAsync(context, 503, "BUSY");
            });
        }

        File.Delete(_machine.PathOf("tiny/weights.bin"));
        (await PublishAsync()).Ok();

        Assert.Equal((9, 9, 4), (_hub.Files.Count, atOnce.Count, atOnce.Max()));
    }

    private static bool IsPatch(HttpRequest request) => request.Method is "PATCH";

    private void FailAt(int offset, RequestDelegate handle) => _garden.FailOnce(request => IsPatch(request) && request.Headers["Upload-Offset"] == $"{offset}", handle);

    private static Task RefuseAsync(HttpContext context, int status, string reason)
    {
        (context.Response.StatusCode, context.Response.Headers["X-Error-Code"]) = (status, reason);
        return context.Response.WriteAsync($$"""{"error": "{{reason.ToLowerInvariant()}}"}""");
    }
}
