using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using ModelGarden.Hosting.Memory;
using ModelGarden.Testing;

namespace ModelGarden.Hosting.Tests.Memory;

/// <summary>HTTP through the memory of one process: what it does where sockets would be slow, full, broken or shut.</summary>
public sealed class MemoryConnectionTests
{
    private const int Large = 64 << 20;
    private readonly string _name = Guid.NewGuid().ToString("n");

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Body_LargerThanTheBuffers_ComesWholeBothWays()
    {
        var bytes = RandomNumberGenerator.GetBytes(Large);
        await using var service = await ServeAsync(async context =>
        {
            // Client and service would wait for each other if the answer began before the request has ended.
            using var read = new MemoryStream();
            await context.Request.Body.CopyToAsync(read, Cancel);
            await context.Response.Body.WriteAsync(read.GetBuffer().AsMemory(0, (int)read.Length), Cancel);
        });
        using var client = Client();

        using var answer = await client.PostAsync("/probe", new ByteArrayContent(bytes), Cancel);

        var back = await answer.Content.ReadAsByteArrayAsync(Cancel);
        Assert.Equal((200, bytes.Length), ((int)answer.StatusCode, back.Length));
        Assert.True(bytes.AsSpan().SequenceEqual(back));
    }

    [Fact]
    public async Task Answer_ThatNobodyReads_IsHeldBack()
    {
        var sent = 0L;
        var full = new TaskCompletionSource();
        await using var service = await ServeAsync(async context =>
        {
            var block = new byte[64 << 10];
            while (sent < Large)
            {
                var write = context.Response.BodyWriter.WriteAsync(block, Cancel).AsTask();
                if (!write.IsCompleted)
                {
                    full.TrySetResult();
                }

                await write;
                sent += block.Length;
            }
        });
        using var client = Client();
        using var answer = await client.GetAsync("/probe", HttpCompletionOption.ResponseHeadersRead, Cancel);

        await full.Task.WaitAsync(Cancel);
        Assert.InRange(Volatile.Read(ref sent), 64 << 10, 8 << 20);

        Assert.Equal(Large, (await answer.Content.ReadAsByteArrayAsync(Cancel)).Length);
    }

    [Fact]
    public async Task Caller_WhoLeaves_IsNoticedByTheService()
    {
        var left = new TaskCompletionSource();
        await using var service = await ServeAsync(async context =>
        {
            await using var registration = context.RequestAborted.Register(left.SetResult);
            await context.Response.Body.FlushAsync(Cancel);
            await left.Task.WaitAsync(Cancel);
        });
        using var client = Client();

        (await client.GetAsync("/probe", HttpCompletionOption.ResponseHeadersRead, Cancel)).Dispose();

        await left.Task.WaitAsync(Cancel);
    }

    [Fact]
    public async Task Service_ThatAborts_BreaksTheCallersRead()
    {
        var begun = new TaskCompletionSource();
        await using var service = await ServeAsync(async context =>
        {
            await context.Response.WriteAsync("half", Cancel);
            await context.Response.Body.FlushAsync(Cancel);
            await begun.Task.WaitAsync(Cancel);
            context.Abort();
        });
        using var client = Client();
        using var answer = await client.GetAsync("/probe", HttpCompletionOption.ResponseHeadersRead, Cancel);
        var reading = answer.Content.ReadAsByteArrayAsync(Cancel);

        begun.SetResult();

        await Assert.ThrowsAsync<HttpRequestException>(() => reading);
    }

    [Fact]
    public async Task Service_ThatIsNotThere_RefusesTheConnection()
    {
        using var client = Client();

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/probe", Cancel));

        Assert.Equal(HttpRequestError.ConnectionError, exception.HttpRequestError);
        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(exception.InnerException).SocketErrorCode);
    }

    [Fact]
    public async Task Service_StartedAgain_IsFoundByTheSameClient()
    {
        using var client = Client();
        for (var start = 0; start < 3; start++)
        {
            await using var service = await ServeAsync(context => context.Response.WriteAsync("here", Cancel));
            Assert.Equal("here", await client.GetStringAsync("/probe", Cancel));
        }
    }

    [Fact]
    public async Task Name_ThatIsTaken_IsRefused()
    {
        await using var service = await ServeAsync(_ => Task.CompletedTask);

        var exception = await Assert.ThrowsAnyAsync<IOException>(() => ServeAsync(_ => Task.CompletedTask));

        Assert.Contains($"memory:{_name}", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_ManyAtOnce_GetEachTheirOwnAnswer()
    {
        await using var service = await ServeAsync(async context => await context.Request.Body.CopyToAsync(context.Response.Body, Cancel));
        using var client = Client();

        await Parallel.ForAsync(0, 500, Cancel, async (i, cancellationToken) =>
        {
            var bytes = RandomNumberGenerator.GetBytes(i * 100);
            using var answer = await client.PostAsync("/probe", new ByteArrayContent(bytes), cancellationToken);
            Assert.Equal(bytes, await answer.Content.ReadAsByteArrayAsync(cancellationToken));
        });
    }

    [Fact]
    public async Task Stream_GivenUpWhileItWaits_EndsTheWaiting()
    {
        await using var listener = MemoryListener.Open(new(_name), System.Buffers.MemoryPool<byte>.Shared);
        var stream = await MemoryListener.ConnectAsync(_name, Cancel);
        await using var server = await listener.AcceptAsync(Cancel);
        var reading = stream.ReadExactlyAsync(new byte[1], Cancel).AsTask();
        var writing = stream.WriteAsync(new byte[Large], Cancel).AsTask();

        await stream.DisposeAsync();

        await Assert.ThrowsAsync<IOException>(() => reading);
        await Assert.ThrowsAsync<IOException>(() => writing);
        await Assert.ThrowsAsync<IOException>(() => stream.ReadExactlyAsync(new byte[1], Cancel).AsTask());
    }

    private HttpClient Client()
    {
        var address = ServiceAddress.Create($"memory:{_name}").OrThrow();
        return new(address.CreateHandler()) { BaseAddress = address.Uri };
    }

    private async Task<WebApplication> ServeAsync(RequestDelegate serve)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Garden:Data"] = Path.GetTempPath(),
            ["Garden:ServiceSecret"] = "a secret of tests, long enough for all",
            ["Garden:Services:search:Http"] = $"memory:{_name}",
            ["Garden:Services:identity:Grpc"] = $"memory:{_name}/nobody",
        };
        var app = GardenService.Build(
            new(ServiceNames.Search, _ => { }, app => app.Map("/probe", serve)) { IsFrontDoor = true },
            [],
            settings,
            builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null));
        await app.StartAsync(Cancel);
        return app;
    }
}
