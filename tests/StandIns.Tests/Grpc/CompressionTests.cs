using Grpc.Core;
using Grpc.Net.Client;
using ModelGarden.StandIns.Tests.V1;

namespace ModelGarden.StandIns.Tests.Grpc;

public sealed class CompressionTests(GardenHost host) : IClassFixture<GardenHost>
{
    private const int Size = 1_000_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Request_Compressed_IsSmallOnTheWireAndReadByTheServer(string encoding)
    {
        using var spy = new WireSpy();
        using var channel = GrpcChannel.ForAddress(host.Address, new GrpcChannelOptions { HttpHandler = spy });
        var request = new GrowRequest { Size = 3, Padding = new string('q', 50_000) };
        var headers = new Metadata { { "grpc-internal-encoding-request", encoding } };

        var model = await new Garden.GardenClient(channel).GrowAsync(request, headers, cancellationToken: Cancel);

        Assert.Equal("mmm", model.Name);
        Assert.Equal(encoding, spy.RequestEncoding);
        Assert.InRange(spy.RequestBytes, 1, 2000);
    }

    [Fact]
    public async Task Answer_Compressed_IsSmallOnTheWireAndReadByTheClient()
    {
        using var spy = new WireSpy();
        using var channel = GrpcChannel.ForAddress(host.Address, new GrpcChannelOptions { HttpHandler = spy });

        var model = await new Garden.GardenClient(channel).GrowAsync(new GrowRequest { Size = Size }, cancellationToken: Cancel);

        Assert.Equal(Size, model.Name.Length);
        Assert.Equal("gzip", spy.ResponseEncoding);
        Assert.InRange(spy.ResponseBytes, 1, Size / 50);
    }

    [Fact]
    public async Task Answer_WithNoCompress_IsSentAsItIs()
    {
        using var spy = new WireSpy();
        using var channel = GrpcChannel.ForAddress(host.Address, new GrpcChannelOptions { HttpHandler = spy });
        var request = new GrowRequest { Size = Size, Uncompressed = true };

        var model = await new Garden.GardenClient(channel).GrowAsync(request, cancellationToken: Cancel);

        Assert.Equal(Size, model.Name.Length);
        Assert.InRange(spy.ResponseBytes, Size, int.MaxValue);
    }

    /// <summary>Notes encodings and sizes of what passes; holds whole bodies, so for unary calls only.</summary>
    private sealed class WireSpy() : DelegatingHandler(new SocketsHttpHandler())
    {
        public string? RequestEncoding { get; private set; }

        public string? ResponseEncoding { get; private set; }

        public int RequestBytes { get; private set; }

        public int ResponseBytes { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            RequestEncoding = request.Headers.TryGetValues("grpc-encoding", out var sent) ? sent.Single() : null;
            var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
            RequestBytes = body.Length;
            var copy = new ByteArrayContent(body);
            copy.Headers.ContentType = request.Content.Headers.ContentType;
            request.Content = copy;

            var response = await base.SendAsync(request, cancellationToken);
            ResponseEncoding = response.Headers.TryGetValues("grpc-encoding", out var received) ? received.Single() : null;
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            ResponseBytes = (await response.Content.ReadAsByteArrayAsync(cancellationToken)).Length;
            return response;
        }
    }
}
