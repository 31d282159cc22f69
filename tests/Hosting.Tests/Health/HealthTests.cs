using System.Net;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Health;
using ModelGarden.Testing;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace ModelGarden.Hosting.Tests.Health;

public sealed class HealthTests
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Theory]
    [InlineData("")]
    [InlineData("modelgarden.v1.Search")]
    public async Task Check_FollowsReadiness_WithoutAToken(string service)
    {
        await using var garden = await TestGarden.StartAsync(new Probe().Search());
        var readiness = garden.PartsOf(ServiceNames.Search).GetRequiredService<Readiness>();
        var health = new Grpc.Health.V1.Health.HealthClient(garden.AsNobody(ServiceNames.Search));

        using var watch = health.Watch(new() { Service = service }, cancellationToken: Cancel);
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));

        readiness.WaitFor("the moon");
        Assert.Equal(ServingStatus.NotServing, await NextAsync(watch));
        Assert.Equal(ServingStatus.NotServing, (await health.CheckAsync(new() { Service = service }, cancellationToken: Cancel)).Status);

        readiness.Reached("the moon");
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));
    }

    [Fact]
    public async Task Check_OfAnUnknownService_IsNotFound()
    {
        await using var garden = await TestGarden.StartAsync(new Probe().Search());
        var health = new Grpc.Health.V1.Health.HealthClient(garden.AsNobody(ServiceNames.Search));

        var exception = await Assert.ThrowsAsync<RpcException>(async () => await health.CheckAsync(new() { Service = "modelgarden.v1.Catalog" }, cancellationToken: Cancel));

        Assert.Equal(StatusCode.NotFound, exception.StatusCode);
    }

    [Fact]
    public async Task Watch_WhenTheServiceStops_TellsNotServingAndEnds()
    {
        await using var garden = await TestGarden.StartAsync(new Probe().Search());
        using var watch = new Grpc.Health.V1.Health.HealthClient(garden.AsNobody(ServiceNames.Search)).Watch(new(), cancellationToken: Cancel);
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));

        var stop = garden.PartsOf(ServiceNames.Search).GetRequiredService<Microsoft.Extensions.Hosting.IHostApplicationLifetime>();
        stop.StopApplication();

        Assert.Equal(ServingStatus.NotServing, await NextAsync(watch));
        Assert.False(await watch.ResponseStream.MoveNext(Cancel));
    }

    [Fact]
    public async Task Reflection_WithoutAToken_ListsWhatIsMapped()
    {
        await using var garden = await TestGarden.StartAsync(new Probe().Search());
        using var call = new ServerReflection.ServerReflectionClient(garden.AsNobody(ServiceNames.Search)).ServerReflectionInfo(cancellationToken: Cancel);

        await call.RequestStream.WriteAsync(new() { ListServices = "" }, Cancel);
        Assert.True(await call.ResponseStream.MoveNext(Cancel));

        Assert.Equal(
            ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection", "modelgarden.v1.Search"],
            call.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name));
    }

    [Fact]
    public async Task Healthz_FollowsReadiness_AndNamesWhatIsWaitedFor()
    {
        await using var garden = await TestGarden.StartAsync(new Probe().Search());
        var readiness = garden.PartsOf(ServiceNames.Search).GetRequiredService<Readiness>();
        using var http = garden.Http(ServiceNames.Search);

        Assert.Equal("ready", await http.GetStringAsync("/healthz", Cancel));

        readiness.WaitFor("sun");
        readiness.WaitFor("moon");
        using var response = await http.GetAsync("/healthz", Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("waiting for moon, sun", await response.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("alive", await http.GetStringAsync("/healthz/live", Cancel));
    }

    [Fact]
    public async Task FrontDoor_OnTheInside_AnswersHealthAndHidesMetricsAndReflection()
    {
        var door = new ServiceDefinition(ServiceNames.Gateway, _ => { }, _ => { }) { IsFrontDoor = true };
        await using var garden = await TestGarden.StartAsync(door);
        using var http = garden.Http(ServiceNames.Gateway);

        var health = await new Grpc.Health.V1.Health.HealthClient(garden.AsNobody(ServiceNames.Gateway)).CheckAsync(new(), cancellationToken: Cancel);

        Assert.Equal(ServingStatus.Serving, health.Status);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/metrics", Cancel)).StatusCode);
        using var call = new ServerReflection.ServerReflectionClient(garden.AsNobody(ServiceNames.Gateway)).ServerReflectionInfo(cancellationToken: Cancel);
        var exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancel));
        Assert.Equal(StatusCode.Unimplemented, exception.StatusCode);
    }

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext(Cancel));
        return watch.ResponseStream.Current.Status;
    }
}
