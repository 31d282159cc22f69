using Grpc.Core;
using Grpc.Core.Interceptors;
using ModelGarden.StandIns.Tests.V1;

namespace ModelGarden.StandIns.Tests.Grpc;

public sealed class InterceptorTests(GardenHost host) : IClassFixture<GardenHost>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ClientInterceptors_InARow_RunOutsideInAndChangeHeaders()
    {
        var steps = new List<string>();
        var client = new Garden.GardenClient(host.Channel.Intercept(new Tracing("a", steps), new Tracing("b", steps)));

        var description = await client.DescribeAsync(new GetRequest(), cancellationToken: Cancel);

        Assert.Equal(["a>", "b>", "b<", "a<"], steps);
        Assert.Equal("1", description.Headers["x-a"]);
        Assert.Equal("1", description.Headers["x-b"]);
    }

    [Fact]
    public async Task ClientInterceptor_OfMetadata_RunsForEachCallAndKind()
    {
        var calls = 0;
        var client = new Garden.GardenClient(host.Channel.Intercept(metadata =>
        {
            calls++;
            metadata.Add("x-added", "1");
            return metadata;
        }));

        var first = await client.DescribeAsync(new GetRequest(), cancellationToken: Cancel);
        client.Describe(new GetRequest(), cancellationToken: Cancel);
        using var list = client.List(new ListRequest(), cancellationToken: Cancel);
        using var upload = client.Upload(cancellationToken: Cancel);
        using var watch = client.Watch(cancellationToken: Cancel);

        Assert.Equal("1", first.Headers["x-added"]);
        Assert.Equal(5, calls);
    }

    [Fact]
    public async Task ServerInterceptor_OnAllFourKinds_SeesEachCall()
    {
        await using var own = await GardenHost.StartAsync();
        await own.Client.GetAsync(new GetRequest(), cancellationToken: Cancel);
        using var list = own.Client.List(new ListRequest(), cancellationToken: Cancel);
        await list.ResponseStream.MoveNext(Cancel);
        using var upload = own.Client.Upload(cancellationToken: Cancel);
        await upload.RequestStream.CompleteAsync();
        await upload;
        using var watch = own.Client.Watch(cancellationToken: Cancel);
        await watch.RequestStream.CompleteAsync();
        await watch.ResponseStream.MoveNext(Cancel);

        Assert.All(Enum.GetValues<MethodType>(), kind => Assert.Equal(1, own.Log.Intercepted[kind]));
    }

    [Fact]
    public async Task ServerInterceptor_Refusing_EndsTheCall()
    {
        var headers = new Metadata { { CountingInterceptor.DenyHeader, "1" } };

        var exception = await Assert.ThrowsAsync<RpcException>(
            () => host.Client.GetAsync(new GetRequest(), headers, cancellationToken: Cancel).ResponseAsync);

        Assert.Equal(StatusCode.PermissionDenied, exception.StatusCode);
    }

    [Fact]
    public async Task WithHost_OnAClient_IsHandedToTheInvoker()
    {
        var hosts = new List<string?>();
        var client = new Garden.GardenClient(host.Channel.Intercept(new HostSpy(hosts))).WithHost("garden.example");

        await client.GetAsync(new GetRequest(), cancellationToken: Cancel);

        Assert.Equal(["garden.example"], hosts);
    }

    private sealed class Tracing(string id, List<string> steps) : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            steps.Add($"{id}>");
            var headers = context.Options.Headers ?? [];
            headers.Add($"x-{id}", "1");
            var call = continuation(request, new(context.Method, context.Host, context.Options.WithHeaders(headers)));
            return new AsyncUnaryCall<TResponse>(
                TraceAsync(call.ResponseAsync), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
        }

        private async Task<T> TraceAsync<T>(Task<T> inner)
        {
            var answer = await inner;
            steps.Add($"{id}<");
            return answer;
        }
    }

    private sealed class HostSpy(List<string?> hosts) : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            hosts.Add(context.Host);
            return continuation(request, context);
        }
    }
}
