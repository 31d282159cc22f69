using System.Collections.Concurrent;
using System.Net.Sockets;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Calls;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using Action = System.Action;

namespace ModelGarden.Hosting.Tests.Calls;

/// <summary>Over Unix sockets, as services on one machine talk.</summary>
public sealed class PeersOverSocketsTests : PeersContract
{
    [Fact]
    public async Task Call_WhoseConnectionBreaks_IsTriedAgain()
    {
        await using var garden = await StartAsync(new Probe().Deployment());
        using var broken = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        broken.Bind(new UnixDomainSocketEndPoint(Path.Combine(garden.Data, "search.sock")));
        broken.Listen();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var connections = CountAsync(broken, end.Token);

        await Assert.ThrowsAsync<ErrorException>(() => QueryAsync(garden));
        await end.CancelAsync();

        Assert.InRange(await connections, 5, 100);
    }

    private static async Task<int> CountAsync(Socket listener, CancellationToken cancellationToken)
    {
        for (var count = 0; ; count++)
        {
            try
            {
                using var connection = await listener.AcceptAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return count;
            }
        }
    }
}

/// <summary>Through the memory of one process, as AppHost's services talk.</summary>
public sealed class PeersInMemoryTests : PeersContract
{
    private readonly string _id = Guid.NewGuid().ToString("n");

    protected override Dictionary<string, string> Addresses => ServiceNames.All
        .SelectMany(name => new[] { ($"Services:{name}:Grpc", $"memory:{_id}/{name}.grpc"), ($"Services:{name}:Http", $"memory:{_id}/{name}.http") })
        .ToDictionary();
}

/// <summary>Deployment's double calls Search's, each of them a real service, whatever is between them.</summary>
public abstract class PeersContract
{
    /// <summary>Settings of where the services listen; none: TestGarden's own.</summary>
    protected virtual Dictionary<string, string> Addresses => [];

    protected static CancellationToken Cancel => Patience.Cancel;

    protected Task<TestGarden> StartAsync(params ServiceDefinition[] services) => TestGarden.StartAsync(null, null, Addresses, services);

    [Theory]
    [InlineData("caller", "Person acme/ann")]
    [InlineData("service", "Service /deployment")]
    [InlineData("ada", "Person acme/ada")]
    public async Task Call_CarriesTheTokenOfWhomItIsMadeFor(string who, string expected)
    {
        var seen = new TaskCompletionSource<Caller>();
        var search = new Probe { OnQuery = (_, context) => Answer(() => seen.SetResult(context.GetCaller())) };
        var deployment = new Probe { OnWatch = (_, _, context) => new Search.SearchClient(Invoker(context)).QueryAsync(new(), cancellationToken: Cancel).ResponseAsync };
        await using var garden = await StartAsync(search.Search(), deployment.Deployment());

        await WatchAsync(garden);

        Assert.Equal(expected, (await seen.Task).ToString());

        CallInvoker Invoker(ServerCallContext context)
        {
            var peers = context.GetHttpContext().RequestServices.GetRequiredService<Peers>();
            return who switch
            {
                "caller" => peers.AsCaller(ServiceNames.Search),
                "service" => peers.AsService(ServiceNames.Search),
                _ => peers.As(ServiceNames.Search, new(People.Admin(), TestGarden.TokenOf(People.Admin()))),
            };
        }
    }

    [Fact]
    public async Task Http_CarriesTheServicesOwnToken()
    {
        await using var garden = await StartAsync(new Probe().Search(), new Probe().Deployment());

        Assert.Equal("Service /deployment", await PeersOf(garden).Http(ServiceNames.Search).GetStringAsync("/probe", Cancel));
    }

    [Fact]
    public async Task AsCaller_WhereNobodyCalls_IsABug()
    {
        await using var garden = await StartAsync(new Probe().Search(), new Probe().Deployment());

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(async () => await new Search.SearchClient(PeersOf(garden).AsCaller(ServiceNames.Search)).QueryAsync(new(), cancellationToken: Cancel));

        Assert.Contains("AsService", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_ToAServiceThatIsNotReadyYet_IsTriedAgain()
    {
        var calls = 0;
        var search = new Probe { OnQuery = (_, _) => ++calls < 4 ? throw new RpcException(new(StatusCode.Unavailable, "starting")) : Task.FromResult(new QueryResponse { Total = 7 }) };
        await using var garden = await StartAsync(search.Search(), new Probe().Deployment());

        Assert.Equal(7, (await QueryAsync(garden)).Total);
        Assert.Equal(4, calls);
    }

    [Fact]
    public async Task Call_ToAServiceThatIsDown_SaysSo_AndSucceedsOnceItIsUp()
    {
        await using var garden = await StartAsync(new Probe().Deployment());

        var exception = await Assert.ThrowsAsync<ErrorException>(() => QueryAsync(garden));
        Assert.Equal((ErrorCode.Unavailable, "SERVICE_UNAVAILABLE"), (exception.Error.Code, exception.Error.Reason));
        Assert.StartsWith("search is not reachable", exception.Error.Message, StringComparison.Ordinal);

        await garden.RestartAsync(new Probe().Search());
        await QueryAsync(garden);
    }

    [Fact]
    public async Task Call_WithoutADeadline_GetsOneOfHalfAMinute()
    {
        var deadline = new TaskCompletionSource<DateTime>();
        var search = new Probe { OnQuery = (_, context) => Answer(() => deadline.SetResult(context.Deadline)) };
        await using var garden = await StartAsync(search.Search(), new Probe().Deployment());
        var before = DateTime.UtcNow;

        await QueryAsync(garden);

        Assert.InRange(await deadline.Task, before, DateTime.UtcNow.AddSeconds(30));
    }

    [Fact]
    public async Task Call_PastItsDeadline_IsATimeoutThatNamesTheService()
    {
        await using var garden = await StartAsync(new Probe { OnQuery = HangAsync(new(), new()) }.Search(), new Probe().Deployment());

        var exception = await Assert.ThrowsAsync<ErrorException>(() => QueryAsync(garden, new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(300))));

        Assert.Equal(("TIMEOUT", "search did not answer in time"), (exception.Error.Reason, exception.Error.Message));
    }

    [Fact]
    public async Task Call_Cancelled_EndsOnBothSides()
    {
        var (entered, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var garden = await StartAsync(new Probe { OnQuery = HangAsync(entered, left) }.Search(), new Probe().Deployment());
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var call = QueryAsync(garden, new CallOptions(cancellationToken: cancel.Token));
        await entered.Task.WaitAsync(Cancel);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await left.Task.WaitAsync(Cancel);
    }

    [Fact]
    public async Task Unary_ThatIsRefused_ThrowsTheErrorThatWasMeant()
    {
        var error = Error.Conflict("SOME_REASON", "größer als 5");
        await using var garden = await StartAsync(new Probe { OnQuery = (_, _) => throw new ErrorException(error) }.Search(), new Probe().Deployment());

        Assert.Equal(error, (await Assert.ThrowsAsync<ErrorException>(() => QueryAsync(garden))).Error);
    }

    [Fact]
    public async Task Stream_ThatIsRefused_BreaksWithTheErrorThatWasMeant_AfterWhatCameBefore()
    {
        var error = Error.Conflict("SOME_REASON", "größer als 5");
        var deployment = new Probe
        {
            OnWatch = async (_, stream, _) =>
            {
                await stream.WriteAsync(new() { Name = "one" }, Cancel);
                throw new ErrorException(error);
            },
        };
        await using var garden = await StartAsync(deployment.Deployment(), new Probe().Search());
        using var call = new Deployment.DeploymentClient(PeersOf(garden, ServiceNames.Search).AsService(ServiceNames.Deployment)).WatchEndpoint(new(), cancellationToken: Cancel);

        Assert.True(await call.ResponseStream.MoveNext(Cancel));
        Assert.Equal("one", call.ResponseStream.Current.Name);
        var exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancel));
        Assert.Equal(error, exception.ToError(ServiceNames.Deployment));
    }

    [Fact]
    public async Task Stream_Left_EndsOnTheOtherSide()
    {
        var left = new TaskCompletionSource();
        var deployment = new Probe
        {
            OnWatch = async (_, stream, context) =>
            {
                await using var registration = context.CancellationToken.Register(left.SetResult);
                await stream.WriteAsync(new(), Cancel);
                await left.Task.WaitAsync(Cancel);
            },
        };
        await using var garden = await StartAsync(deployment.Deployment(), new Probe().Search());
        using (var call = new Deployment.DeploymentClient(PeersOf(garden, ServiceNames.Search).AsService(ServiceNames.Deployment)).WatchEndpoint(new(), cancellationToken: Cancel))
        {
            Assert.True(await call.ResponseStream.MoveNext(Cancel));
        }

        await left.Task.WaitAsync(Cancel);
    }

    [Theory]
    [InlineData("")]
    [InlineData("größer als 5")]
    public async Task Requests_InAStream_AreAnsweredOrRefusedWithTheErrorThatWasMeant(string fault)
    {
        var error = Error.Conflict("SOME_REASON", fault);
        var catalog = new Probe
        {
            OnPush = async (requests, context) =>
            {
                var came = new List<string> { context.GetCaller().ToString() };
                while (await requests.MoveNext(Cancel))
                {
                    came.Add(requests.Current.Start.Name);
                }

                return fault.Length > 0 ? throw new ErrorException(error) : new() { Results = { came.Select(name => new RefResult { Name = name }) } };
            },
        };
        await using var garden = await StartAsync(catalog.Catalog(), new Probe().Search());
        using var call = new Catalog.CatalogClient(PeersOf(garden, ServiceNames.Search).AsService(ServiceNames.Catalog)).Push(cancellationToken: Cancel);
        foreach (var name in new[] { "one", "two" })
        {
            await call.RequestStream.WriteAsync(new() { Start = new() { Name = name } }, Cancel);
        }

        await call.RequestStream.CompleteAsync();

        if (fault.Length > 0)
        {
            Assert.Equal(error, (await Assert.ThrowsAsync<ErrorException>(() => call.ResponseAsync)).Error);
        }
        else
        {
            Assert.Equal(["Service /search", "one", "two"], (await call.ResponseAsync).Results.Select(result => result.Name));
        }
    }

    [Fact]
    public async Task Call_ToAServiceWithoutAnAddress_NamesTheSetting()
    {
        await using var garden = await TestGarden.StartAsync(null, null, new Dictionary<string, string>(Addresses) { ["Services:search:Grpc"] = "" }, new Probe().Deployment());

        var exception = await Assert.ThrowsAsync<ErrorException>(() => QueryAsync(garden));

        Assert.Equal("Garden:Services:search:Grpc is not set", exception.Error.Message);
    }

    [Fact]
    public async Task BlockingCall_IsRefused()
    {
        await using var garden = await StartAsync(new Probe().Search(), new Probe().Deployment());
        var client = new Search.SearchClient(PeersOf(garden).AsService(ServiceNames.Search));

        Assert.Throws<NotSupportedException>(() => client.Query(new(), cancellationToken: Cancel));
    }

    [Fact]
    public async Task TraceContext_GoesThroughGrpcAndHttp()
    {
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        var seen = new ConcurrentBag<string?>();
        var search = new Probe
        {
            OnQuery = (_, context) => Answer(() => seen.Add(context.RequestHeaders.GetValue("traceparent"))),
            OnHttp = context => context.Response.WriteAsync(Add(context.Request.Headers.TraceParent)),
        };
        var deployment = new Probe
        {
            OnWatch = async (_, _, context) =>
            {
                var peers = context.GetHttpContext().RequestServices.GetRequiredService<Peers>();
                await new Search.SearchClient(peers.AsCaller(ServiceNames.Search)).QueryAsync(new(), cancellationToken: Cancel);
                await peers.Http(ServiceNames.Search).GetStringAsync("/probe", Cancel);
            },
        };
        await using var garden = await StartAsync(search.Search(), deployment.Deployment());

        await WatchAsync(garden, new() { { "traceparent", $"00-{Trace}-b7ad6b7169203331-01" } });

        Assert.Equal(2, seen.Count);
        Assert.All(seen, parent => Assert.Matches($"^00-{Trace}-(?!b7ad6b7169203331)[0-9a-f]{{16}}-01$", parent));

        string Add(string? parent)
        {
            seen.Add(parent);
            return "";
        }
    }

    protected static async Task<QueryResponse> QueryAsync(TestGarden garden, CallOptions options = default) =>
        await new Search.SearchClient(PeersOf(garden).AsService(ServiceNames.Search)).QueryAsync(new(), options.CancellationToken.CanBeCanceled ? options : options.WithCancellationToken(Cancel));

    private static async Task WatchAsync(TestGarden garden, Metadata? headers = null)
    {
        using var call = new Deployment.DeploymentClient(garden.As(People.Engineer(), ServiceNames.Deployment)).WatchEndpoint(new(), headers, cancellationToken: Cancel);
        Assert.False(await call.ResponseStream.MoveNext(Cancel));
    }

    private static Peers PeersOf(TestGarden garden, string service = ServiceNames.Deployment) => garden.PartsOf(service).GetRequiredService<Peers>();

    private static Task<QueryResponse> Answer(Action look)
    {
        look();
        return Task.FromResult(new QueryResponse());
    }

    /// <summary>Answers never, and says when its caller is gone.</summary>
    private static Func<QueryRequest, ServerCallContext, Task<QueryResponse>> HangAsync(TaskCompletionSource entered, TaskCompletionSource left) => async (_, context) =>
    {
        entered.TrySetResult();
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = context.CancellationToken.Register(gone.SetResult);
        await gone.Task.WaitAsync(Cancel);
        left.TrySetResult();
        return new();
    };
}
