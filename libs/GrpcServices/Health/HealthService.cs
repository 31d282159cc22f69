using Grpc.Core;
using Grpc.Health.V1;

namespace ModelGarden.GrpcServices.Health;

/// <summary>Serves <c>grpc.health.v1.Health</c> from the registry.</summary>
internal sealed class HealthService(HealthRegistry registry) : Grpc.Health.V1.Health.HealthBase
{
    // The protocol's own limit.
    private const int MaxListed = 100;

    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
        registry.Find(request.Service) is { } status
            ? Task.FromResult(new HealthCheckResponse { Status = status })
            : throw new RpcException(new Status(StatusCode.NotFound, $"unknown service {request.Service}"));

    public override Task<HealthListResponse> List(HealthListRequest request, ServerCallContext context)
    {
        var statuses = registry.List();
        if (statuses.Count > MaxListed)
        {
            throw new RpcException(new Status(StatusCode.ResourceExhausted, $"more than {MaxListed} services"));
        }

        var response = new HealthListResponse();
        foreach (var (service, status) in statuses)
        {
            response.Statuses.Add(service, new HealthCheckResponse { Status = status });
        }

        return Task.FromResult(response);
    }

    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        await foreach (var status in registry.WatchAsync(request.Service, context.CancellationToken))
        {
            await responseStream.WriteAsync(new HealthCheckResponse { Status = status }, context.CancellationToken);
        }
    }
}
