using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Calls;
using ModelGarden.Kernel;

namespace ModelGarden.Serving.Endpoints;

/// <summary>Tells Deployment once a second which replicas are busy, and once more when they no longer are: scale to zero and draining go by it.</summary>
internal sealed partial class ActivityReporter(ReplicaGate gate, EndpointTable table, Peers peers, TimeProvider clock, ILogger<ActivityReporter> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly string _reporter = Guid.NewGuid().ToString("n");
    private readonly Dictionary<string, (int Running, DateTimeOffset LastCallAt)> _reported = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        while (await WaitAsync(timer, stoppingToken))
        {
            try
            {
                await ReportAsync(stoppingToken);
            }
            catch (ErrorException exception)
            {
                LogNotReported(exception.Error.Message);
            }
        }
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        var loads = gate.Loads;
        var news = loads.Select(load => (load, now: (load.Running, load.LastCallAt)))
            .Where(item => item.now.Running > 0 || _reported.GetValueOrDefault(item.load.Replica) != item.now).ToList();
        if (news.Count > 0)
        {
            var request = new ReportActivityRequest { Reporter = _reporter };
            request.Replicas.AddRange(news.Select(item => ToActivity(item.load)));
            await new Deployment.DeploymentClient(peers.AsService(ServiceNames.Deployment)).ReportActivityAsync(request, cancellationToken: cancellationToken);
            foreach (var (load, now) in news)
            {
                _reported[load.Replica] = now;
            }
        }

        ForgetGone(loads);
    }

    private void ForgetGone(IReadOnlyCollection<ReplicaLoad> loads)
    {
        var gone = loads.Where(load => load.Running is 0
            && table.Find(load.Tenant, load.Endpoint)?.Replicas.Any(replica => replica.Id == load.Replica) is not true).ToList();
        gate.Forget(gone);
        gone.ForEach(load => _reported.Remove(load.Replica));
    }

    private static ReplicaActivity ToActivity(ReplicaLoad load) => new()
    {
        Tenant = load.Tenant,
        Endpoint = load.Endpoint,
        Replica = load.Replica,
        RunningCalls = load.Running,
        LastCallAt = Timestamp.FromDateTimeOffset(load.LastCallAt),
    };

    [LoggerMessage(3001, LogLevel.Warning, "activity could not be reported: {Why}")]
    private partial void LogNotReported(string why);
}
