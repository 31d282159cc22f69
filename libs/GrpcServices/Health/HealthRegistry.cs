using System.Runtime.CompilerServices;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace ModelGarden.GrpcServices.Health;

/// <summary>
/// The serving status of this server and of each service on it, by the service's full name. The server as a whole
/// serves until told otherwise; a service is unknown until its status is set. Safe for use by many threads.
/// </summary>
public sealed class HealthRegistry
{
    /// <summary>The name that stands for the whole server.</summary>
    public const string WholeServer = "";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ServingStatus> _statuses = new(StringComparer.Ordinal)
    {
        [WholeServer] = ServingStatus.Serving,
    };

    private TaskCompletionSource _changed = NewSignal();
    private bool _shutDown;

    /// <summary>Sets a service's status and tells those who watch it; without effect after <see cref="Shutdown"/>.</summary>
    public void Set(string service, ServingStatus status)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentOutOfRangeException.ThrowIfEqual(status, ServingStatus.ServiceUnknown);
        lock (_gate)
        {
            if (!_shutDown)
            {
                _statuses[service] = status;
                SignalChange();
            }
        }
    }

    /// <summary>Forgets a service, which is unknown from then on; without effect after <see cref="Shutdown"/>.</summary>
    public void Remove(string service)
    {
        lock (_gate)
        {
            if (!_shutDown && _statuses.Remove(service))
            {
                SignalChange();
            }
        }
    }

    /// <summary>The service's status, or null if it is unknown.</summary>
    public ServingStatus? Find(string service)
    {
        lock (_gate)
        {
            return _statuses.TryGetValue(service, out var status) ? status : null;
        }
    }

    /// <summary>All known services with their status at one moment.</summary>
    public IReadOnlyDictionary<string, ServingStatus> List()
    {
        lock (_gate)
        {
            return new Dictionary<string, ServingStatus>(_statuses, StringComparer.Ordinal);
        }
    }

    /// <summary>Lets everything be not serving, for good, and ends the watches once they have told so.</summary>
    public void Shutdown()
    {
        lock (_gate)
        {
            _shutDown = true;
            foreach (var service in _statuses.Keys.ToList())
            {
                _statuses[service] = ServingStatus.NotServing;
            }

            SignalChange();
        }
    }

    /// <summary>
    /// The service's status now and after each change, until <see cref="Shutdown"/>. Who reads slowly gets the newest
    /// status and misses those in between.
    /// </summary>
    public async IAsyncEnumerable<ServingStatus> WatchAsync(
        string service, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ServingStatus? told = null;
        while (true)
        {
            var (status, ended, changed) = Observe(service);
            if (status != told)
            {
                yield return status;
                told = status;
            }

            if (ended)
            {
                yield break;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private (ServingStatus Status, bool Ended, Task Changed) Observe(string service)
    {
        lock (_gate)
        {
            return (_statuses.GetValueOrDefault(service, ServingStatus.ServiceUnknown), _shutDown, _changed.Task);
        }
    }

    private void SignalChange()
    {
        _changed.SetResult();
        _changed = NewSignal();
    }

    // Watchers go on elsewhere: they must not run inside the lock of who changed the status.
    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
