using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.StandIns.Tests.V1;

namespace ModelGarden.StandIns.Tests.Grpc;

public sealed class ChannelTests(GardenHost host) : IClassFixture<GardenHost>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task State_ConnectThenDispose_GoesFromIdleOverReadyToShutdown()
    {
        using var channel = GrpcChannel.ForAddress(host.Address);
        Assert.Equal(ConnectivityState.Idle, channel.State);

        await channel.ConnectAsync(Cancel);
        Assert.Equal(ConnectivityState.Ready, channel.State);

        await channel.ShutdownAsync();
        channel.Dispose();
        Assert.Equal(ConnectivityState.Shutdown, channel.State);
    }

    [Fact]
    public async Task Call_NobodyListening_IsUnavailableAndSaysWhy()
    {
        // Bound but not listening: connections are refused and nobody else can take the port.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var channel = GrpcChannel.ForAddress($"http://{socket.LocalEndPoint}");

        var exception = await Assert.ThrowsAsync<RpcException>(
            () => new Garden.GardenClient(channel).GetAsync(new GetRequest(), cancellationToken: Cancel).ResponseAsync);

        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
        Assert.NotNull(exception.Status.DebugException);
        Assert.Same(exception.Status.DebugException, exception.InnerException);
    }

    [Fact]
    public async Task RetryPolicy_ServerFailsTwice_ThirdAttemptAnswers()
    {
        using var flaky = new FlakyHandler(failures: 2);
        using var channel = GrpcChannel.ForAddress(host.Address, new GrpcChannelOptions { HttpHandler = flaky, ServiceConfig = Retrying });

        var model = await new Garden.GardenClient(channel).GetAsync(new GetRequest { Name = "r" }, cancellationToken: Cancel);

        Assert.Equal("r", model.Name);
        Assert.Equal(3, flaky.Attempts);
    }

    [Fact]
    public async Task RetryPolicy_StreamedRequest_IsSentAgain()
    {
        using var flaky = new FlakyHandler(failures: 1);
        using var channel = GrpcChannel.ForAddress(host.Address, new GrpcChannelOptions { HttpHandler = flaky, ServiceConfig = Retrying });

        using var upload = new Garden.GardenClient(channel).Upload(cancellationToken: Cancel);
        await upload.RequestStream.WriteAsync(new Chunk { Data = ByteString.CopyFrom(1, 2, 3) }, Cancel);
        await upload.RequestStream.CompleteAsync();

        Assert.Equal(3, (await upload).Bytes);
        Assert.Equal(2, flaky.Attempts);
    }

    [Fact]
    public async Task WaitForReady_AddressComesLater_CallWaitsForIt()
    {
        var resolver = new ManualResolver();
        using var channel = Balanced(resolver);
        var client = new Garden.GardenClient(channel);
        var impatient = await Assert.ThrowsAsync<RpcException>(
            () => client.GetAsync(new GetRequest(), cancellationToken: Cancel).ResponseAsync);
        Assert.Equal(StatusCode.Unavailable, impatient.StatusCode);

        var patient = client.GetAsync(new GetRequest { Name = "p" }, new CallOptions(cancellationToken: Cancel).WithWaitForReady());
        resolver.Publish(host.Address);

        Assert.Equal("p", (await patient).Name);
    }

    [Fact]
    public async Task RoundRobin_TwoServers_BothAnswer()
    {
        await using var other = await GardenHost.StartAsync();
        var resolver = new ManualResolver();
        using var channel = Balanced(resolver);
        resolver.Publish(host.Address, other.Address);
        var client = new Garden.GardenClient(channel);

        // The second server joins once its connection stands, so the loop ends with the test's token at the latest.
        var seen = new HashSet<string>();
        while (seen.Count < 2)
        {
            var options = new CallOptions(cancellationToken: Cancel).WithWaitForReady();
            seen.Add((await client.DescribeAsync(new GetRequest(), options)).Host);
        }

        Assert.Equal(new HashSet<string> { host.Address.Authority, other.Address.Authority }, seen);
    }

    [Fact]
    public async Task ServiceDefinition_BoundByHand_IsServed()
    {
        await using var own = await GardenHost.StartAsync(
            map: app => app.MapGrpcService(_ => Garden.BindService(new GardenService(new CallLog()))));

        Assert.Equal("d", (await own.Client.GetAsync(new GetRequest { Name = "d" }, cancellationToken: Cancel)).Name);
    }

    [Fact]
    public void ServiceDefinition_MethodAddedTwice_IsRefused()
    {
        var method = new Method<string, string>(
            MethodType.Unary, "s", "m", Marshallers.StringMarshaller, Marshallers.StringMarshaller);
        UnaryServerMethod<string, string> echo = (request, _) => Task.FromResult(request);
        var builder = ServerServiceDefinition.CreateBuilder().AddMethod(method, echo);

        Assert.Throws<ArgumentException>(() => builder.AddMethod(method, echo));
    }

    [Fact]
    public async Task Client_MadeWithoutAChannel_FailsEachCall() =>
        await Assert.ThrowsAsync<NotSupportedException>(
            async () => await new Unconnected().GetAsync(new GetRequest(), cancellationToken: Cancel));

    private static ServiceConfig Retrying => new()
    {
        MethodConfigs =
        {
            new MethodConfig
            {
                Names = { MethodName.Default },
                RetryPolicy = new RetryPolicy
                {
                    MaxAttempts = 5,
                    InitialBackoff = TimeSpan.FromMilliseconds(1),
                    MaxBackoff = TimeSpan.FromMilliseconds(1),
                    BackoffMultiplier = 1,
                    RetryableStatusCodes = { StatusCode.Unavailable },
                },
            },
        },
    };

    private static GrpcChannel Balanced(ManualResolver resolver) => GrpcChannel.ForAddress("manual:///garden", new GrpcChannelOptions
    {
        Credentials = ChannelCredentials.Insecure,
        ServiceProvider = new ServiceCollection().AddSingleton<ResolverFactory>(new ManualResolverFactory(resolver)).BuildServiceProvider(),
        ServiceConfig = new ServiceConfig { LoadBalancingConfigs = { new RoundRobinConfig() } },
    });

    private sealed class Unconnected : Garden.GardenClient;

    private sealed class FlakyHandler(int failures) : DelegatingHandler(new SocketsHttpHandler())
    {
        public int Attempts { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            ++Attempts <= failures
                ? throw new HttpRequestException("refused", new SocketException((int)SocketError.ConnectionRefused))
                : base.SendAsync(request, cancellationToken);
    }

    private sealed class ManualResolverFactory(ManualResolver resolver) : ResolverFactory
    {
        public override string Name => "manual";

        public override Resolver Create(ResolverOptions options) => resolver;
    }

    /// <summary>Knows no address until it is told.</summary>
    private sealed class ManualResolver : Resolver
    {
        private readonly Lock _gate = new();
        private Action<ResolverResult>? _listener;
        private ResolverResult _result = ResolverResult.ForFailure(new Status(StatusCode.Unavailable, "no address yet"));

        public override void Start(Action<ResolverResult> listener)
        {
            lock (_gate)
            {
                _listener = listener;
            }

            listener(_result);
        }

        public void Publish(params Uri[] addresses)
        {
            _result = ResolverResult.ForResult([.. addresses.Select(address => new BalancerAddress(address.Host, address.Port))]);
            Action<ResolverResult>? listener;
            lock (_gate)
            {
                listener = _listener;
            }

            listener?.Invoke(_result);
        }
    }
}
