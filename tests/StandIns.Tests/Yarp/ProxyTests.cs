using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;

namespace ModelGarden.StandIns.Tests.Yarp;

public sealed class ProxyTests(ProxyHost proxy) : IClassFixture<ProxyHost>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Http1_RequestToARoute_ReachesTheServerWithForwardedHeaders()
    {
        using var client = new HttpClient { BaseAddress = proxy.Http1 };

        var request = await client.GetStringAsync("/any/request", Cancel);

        Assert.Equal($"HTTP/1.1 /request for http://{proxy.Http1.Authority}", request);
    }

    [Fact]
    public async Task RoundRobin_TwoServers_AlternateBetweenThem()
    {
        using var client = new HttpClient { BaseAddress = proxy.Http1 };

        var names = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            names.Add(await client.GetStringAsync("/any/name", Cancel));
        }

        Assert.Equal(2, names.Count(name => name == "one"));
        Assert.Equal(2, names.Count(name => name == "two"));
    }

    [Fact]
    public async Task HashCookie_SameCookie_StaysWithOneServer()
    {
        var seen = new HashSet<string>();
        while (seen.Count < 2)
        {
            var cookies = new CookieContainer();
            using var handler = new SocketsHttpHandler { CookieContainer = cookies };
            using var client = new HttpClient(handler) { BaseAddress = proxy.Http1 };
            var first = await client.GetStringAsync("/sticky/name", Cancel);

            // XXH64 of the destination's id, as sixteen hexadecimal digits.
            Assert.Matches("^[0-9a-f]{16}$", cookies.GetAllCookies()[ProxyHost.AffinityCookie]!.Value);
            for (var i = 0; i < 5; i++)
            {
                Assert.Equal(first, await client.GetStringAsync("/sticky/name", Cancel));
            }

            seen.Add(first);
        }
    }

    [Fact]
    public async Task ServerSentEvents_ThroughTheProxy_ArriveOneByOne()
    {
        using var client = new HttpClient { BaseAddress = proxy.Http1 };
        using var response = await client.GetAsync("/any/events", HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Cancel));

        Assert.Equal("data: 1", await lines.ReadLineAsync(Cancel));
        foreach (var backend in proxy.Backends)
        {
            backend.FirstEventSeen.Release();
        }

        Assert.Equal("\ndata: 2\n\n", await lines.ReadToEndAsync(Cancel));
    }

    [Fact]
    public async Task WebSocket_ThroughTheProxy_EchoesAndCloses()
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(proxy.Http1) { Scheme = "ws", Path = "/any/socket" }.Uri, Cancel);
        var buffer = new byte[64];
        for (var i = 0; i < 5; i++)
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes($"hello {i}"), WebSocketMessageType.Text, true, Cancel);
            var message = await socket.ReceiveAsync(buffer, Cancel);
            Assert.Equal($"hello {i}", Encoding.UTF8.GetString(buffer, 0, message.Count));
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, string.Empty, Cancel);

        Assert.Equal("bye", socket.CloseStatusDescription);
    }

    [Fact]
    public async Task Upload_Large_IsStreamedWithoutALength()
    {
        const long length = 300L << 20;
        using var client = new HttpClient { BaseAddress = proxy.Http1 };

        using var response = await client.PostAsync("/any/length", new StreamContent(new Zeros(length)), Cancel);

        Assert.Equal($"{length}", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Http2_BothWaysAtOnce_PingPongsAndEndsInTrailers()
    {
        using var client = new HttpClient
        {
            BaseAddress = proxy.Http2,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var body = new DuplexContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/h2/echo")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body,
        };
        request.Headers.TE.ParseAdd("trailers");
        // YARP sends each piece on at once for gRPC only.
        body.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");

        // YARP passes the answer's headers on together with its first bytes, so the first ping comes before them.
        var sending = client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        await body.WriteAsync("ping0"u8.ToArray());
        using var response = await sending;
        await using var answers = await response.Content.ReadAsStreamAsync(Cancel);
        var buffer = new byte[16];
        for (var i = 0; i < 5; i++)
        {
            await answers.ReadExactlyAsync(buffer.AsMemory(0, 5), Cancel);
            Assert.Equal($"ping{i}", Encoding.ASCII.GetString(buffer, 0, 5));
            await body.WriteAsync(Encoding.ASCII.GetBytes($"ping{i + 1}"));
        }

        await answers.ReadExactlyAsync(buffer.AsMemory(0, 5), Cancel);
        body.Complete();

        Assert.Equal(0, await answers.ReadAsync(buffer, Cancel));
        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal("30", response.TrailingHeaders.GetValues("x-read").Single());
    }
}
