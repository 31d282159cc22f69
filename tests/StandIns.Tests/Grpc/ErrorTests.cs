using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using ModelGarden.StandIns.Tests.V1;

namespace ModelGarden.StandIns.Tests.Grpc;

public sealed class ErrorTests(GardenHost host) : IClassFixture<GardenHost>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<StatusCode> Failures => [.. Enum.GetValues<StatusCode>().Where(code => code != StatusCode.OK)];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Failure_ByException_KeepsItsCode(StatusCode code) =>
        Assert.Equal(code, (await FailAsync(code, FailRequest.Types.Way.Exception)).StatusCode);

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Failure_ByStatusOnContext_KeepsItsCode(StatusCode code) =>
        Assert.Equal(code, (await FailAsync(code, FailRequest.Types.Way.StatusOnContext)).StatusCode);

    [Fact]
    public async Task Failure_WithDetailAndTrailers_BringsThemAcross()
    {
        var exception = await FailAsync(StatusCode.NotFound, FailRequest.Types.Way.Exception);

        Assert.Equal("no such model: x é%", exception.Status.Detail);
        Assert.Equal("missing", exception.Trailers.GetValue("x-reason"));
        Assert.Equal([1, 2, 3, 250], exception.Trailers.GetValueBytes("x-detail-bin"));
        Assert.Equal("server", exception.Trailers.GetValue("x-intercepted"));
    }

    [Fact]
    public async Task Failure_Unexpected_IsUnknownAndHidesItsMessage()
    {
        var exception = await FailAsync(StatusCode.OK, FailRequest.Types.Way.UnexpectedException);

        Assert.Equal(StatusCode.Unknown, exception.StatusCode);
        Assert.DoesNotContain(GardenService.Secret, exception.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_UnmappedService_IsUnimplemented()
    {
        var method = new Method<GetRequest, Model>(
            MethodType.Unary, "modelgarden.standins.v1.Nope", "Get", MarshallerOf(GetRequest.Parser), MarshallerOf(Model.Parser));
        var options = new CallOptions(cancellationToken: Cancel);

        var exception = await Assert.ThrowsAsync<RpcException>(
            () => host.Channel.CreateCallInvoker().AsyncUnaryCall(method, null, options, new GetRequest()).ResponseAsync);

        Assert.Equal(StatusCode.Unimplemented, exception.StatusCode);
    }

    [Fact]
    public async Task Request_AboveTheServersLimit_IsResourceExhausted()
    {
        var request = new GetRequest { Name = new string('x', GardenHost.MaxReceiveMessageSize + 1) };

        var exception = await Assert.ThrowsAsync<RpcException>(
            () => host.Client.GetAsync(request, cancellationToken: Cancel).ResponseAsync);

        Assert.Equal(StatusCode.ResourceExhausted, exception.StatusCode);
    }

    [Fact]
    public async Task Answer_AboveTheClientsLimit_IsResourceExhausted()
    {
        using var channel = GrpcChannel.ForAddress(host.Address, new GrpcChannelOptions { MaxReceiveMessageSize = 1000 });
        var client = new Garden.GardenClient(channel);

        var exception = await Assert.ThrowsAsync<RpcException>(
            () => client.GrowAsync(new GrowRequest { Size = 5000 }, cancellationToken: Cancel).ResponseAsync);

        Assert.Equal(StatusCode.ResourceExhausted, exception.StatusCode);
    }

    private static Marshaller<T> MarshallerOf<T>(MessageParser<T> parser)
        where T : class, IMessage<T> => Marshallers.Create(message => message.ToByteArray(), parser.ParseFrom);

    private Task<RpcException> FailAsync(StatusCode code, FailRequest.Types.Way way) => Assert.ThrowsAsync<RpcException>(
        () => host.Client.FailAsync(new FailRequest { Code = (int)code, Way = way }, cancellationToken: Cancel).ResponseAsync);
}
