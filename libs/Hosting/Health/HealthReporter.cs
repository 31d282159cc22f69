using System.Collections.Concurrent;
using ModelGarden.GrpcServices.Health;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace ModelGarden.Hosting.Health;

/// <summary>Keeps the gRPC health service's statuses, of the server and of each mapped service, at what <see cref="Readiness"/> says.</summary>
internal sealed class HealthReporter
{
    private readonly Readiness _readiness;
    private readonly HealthRegistry _registry;
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, bool> _names = new(StringComparer.Ordinal) { [HealthRegistry.WholeServer] = true };

    public HealthReporter(Readiness readiness, HealthRegistry registry)
    {
        (_readiness, _registry) = (readiness, registry);
        readiness.Changed += Report;
        Report();
    }

    /// <summary>Reports for this service too.</summary>
    public void Add(string service)
    {
        _names[service] = true;
        Report();
    }

    private void Report()
    {
        // Looked at inside the lock: of two reports at once, the later one tells what is true then.
        lock (_gate)
        {
            var status = _readiness.IsReady ? ServingStatus.Serving : ServingStatus.NotServing;
            foreach (var name in _names.Keys)
            {
                _registry.Set(name, status);
            }
        }
    }
}
