using Grpc.Core;
using Grpc.Health.V1;
using ModelGarden.GrpcServices.Health;
using static Grpc.Health.V1.HealthCheckResponse.Types;
using HealthClient = Grpc.Health.V1.Health.HealthClient;

namespace ModelGarden.GrpcServices.Tests;

public sealed class HealthServiceTests : IAsyncLifetime
{
    private ServiceHost _host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private HealthClient Client => new(_host.Channel);

    public async ValueTask InitializeAsync() => _host = await ServiceHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("garden.Catalog")]
    public async Task Check_KnownService_AnswersItsStatus(string service)
    {
        _host.Health.Set(service, ServingStatus.NotServing);

        var response = await Client.CheckAsync(new HealthCheckRequest { Service = service }, cancellationToken: Cancel);

        Assert.Equal(ServingStatus.NotServing, response.Status);
    }

    [Fact]
    public async Task Check_UnknownService_IsNotFound()
    {
        var exception = await Assert.ThrowsAsync<RpcException>(
            () => Client.CheckAsync(new HealthCheckRequest { Service = "nope" }, cancellationToken: Cancel).ResponseAsync);

        Assert.Equal(StatusCode.NotFound, exception.StatusCode);
    }

    [Fact]
    public async Task List_SomeServices_AnswersAllStatuses()
    {
        _host.Health.Set("a", ServingStatus.Serving);

        var response = await Client.ListAsync(new HealthListRequest(), cancellationToken: Cancel);

        Assert.Equal(["", "a"], response.Statuses.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(ServingStatus.Serving, response.Statuses["a"].Status);
    }

    [Fact]
    public async Task List_MoreThanAHundred_IsResourceExhausted()
    {
        for (var i = 0; i < 100; i++)
        {
            _host.Health.Set($"service{i}", ServingStatus.Serving);
        }

        var exception = await Assert.ThrowsAsync<RpcException>(
            () => Client.ListAsync(new HealthListRequest(), cancellationToken: Cancel).ResponseAsync);

        Assert.Equal(StatusCode.ResourceExhausted, exception.StatusCode);
    }

    [Fact]
    public async Task Watch_UnknownThenKnown_StaysOpenAndTellsBoth()
    {
        using var watch = Client.Watch(new HealthCheckRequest { Service = "a" }, cancellationToken: Cancel);
        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(watch));

        _host.Health.Set("a", ServingStatus.Serving);

        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));
    }

    [Fact]
    public async Task Watch_HostStops_TellsNotServingAndLetsTheHostStop()
    {
        using var watch = Client.Watch(new HealthCheckRequest(), cancellationToken: Cancel);
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));

        var stopping = _host.StopAsync();

        Assert.Equal(ServingStatus.NotServing, await NextAsync(watch));
        Assert.False(await watch.ResponseStream.MoveNext(Cancel));
        Assert.Equal(StatusCode.OK, watch.GetStatus().StatusCode);
        await stopping;
    }

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext(Cancel));
        return watch.ResponseStream.Current.Status;
    }
}
