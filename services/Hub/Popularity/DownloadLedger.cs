using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Routing;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Popularity;

/// <summary>
/// Notes which client downloaded from which repository, and tells Catalog once a minute and when the service stops. A request costs a look into memory. Catalog counts each client
/// once a day whatever it is told, so that what could not be told is told again, and what was forgotten here is no mistake.
/// </summary>
internal sealed partial class DownloadLedger(Garden garden, TimeProvider clock, HubMetrics metrics, ILogger<DownloadLedger> logger) : BackgroundService
{
    private const int MaximumPending = 100_000;
    private const int MaximumKnown = 200_000;
    // A transaction of Catalog's each, in which others wait for it.
    private const int BatchSize = 200;
    private const int ClientBytes = 16;
    private static readonly TimeSpan Turn = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private readonly HashSet<Noted> _known = [];
    private List<Noted> _pending = [];
    private long _day;

    /// <summary>The caller has been given something of this repository. Robots and services of the garden do not count.</summary>
    public void Note(HubRequest request, string repositoryId)
    {
        var caller = request.Caller;
        var day = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Days;
        var noted = new Noted(repositoryId, caller.Principal.Name, day);
        // Without an account nobody is given what counts as a download.
        if (caller.IsService || caller.IsAnonymous || IsKnown(noted) || Robot().IsMatch(request.Http.Request.Headers.UserAgent.ToString()))
        {
            return;
        }

        if (!TryKeep(noted))
        {
            metrics.DownloadDropped();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryTellAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Turn, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryTellAsync(stoppingToken);
        }
    }

    private bool IsKnown(in Noted noted)
    {
        lock (_gate)
        {
            return _known.Contains(noted);
        }
    }

    private bool TryKeep(in Noted noted)
    {
        lock (_gate)
        {
            if (noted.Day != _day || _known.Count >= MaximumKnown)
            {
                _known.Clear();
                _day = noted.Day;
            }

            if (_pending.Count >= MaximumPending)
            {
                return false;
            }

            if (_known.Add(noted))
            {
                _pending.Add(noted);
            }

            return true;
        }
    }

    private async Task TryTellAsync(CancellationToken cancellationToken)
    {
        var untold = Take();
        try
        {
            while (untold.Count > 0)
            {
                var batch = untold.Take(BatchSize).ToList();
                await garden.CatalogAsHub.CountDownloadsAsync(
                    new() { Downloads = { batch.Select(one => new Download { RepositoryId = one.RepositoryId, Client = Mark(one.Account, one.Day), Day = one.Day }) } }, cancellationToken: cancellationToken);
                untold.RemoveRange(0, batch.Count);
            }
        }
        catch (ErrorException exception) when (exception.Error.Code is ErrorCode.InvalidArgument)
        {
            // Told too late, or not in Catalog's words: it will not take them another time either.
            LogRefused(untold.Count, exception.Error.Message);
        }
        catch (Exception exception) when (exception is ErrorException or OperationCanceledException)
        {
            Keep(untold);
            LogUntold(untold.Count, exception.Message);
        }
    }

    private List<Noted> Take()
    {
        lock (_gate)
        {
            var taken = _pending;
            _pending = [];
            return taken;
        }
    }

    private void Keep(List<Noted> untold)
    {
        lock (_gate)
        {
            _pending.AddRange(untold.Take(MaximumPending - _pending.Count));
        }
    }

    // Nobody is to be followed from one day to the next, or told from what is kept.
    private static string Mark(string account, long day) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{day} {account.ToLowerInvariant()}")).AsSpan(0, ClientBytes));

    // As those who look at everything call themselves, such as Googlebot/2.1.
    [GeneratedRegex(@"(bot|crawler|spider|slurp)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Robot();

    [LoggerMessage(1102, LogLevel.Warning, "{Count} downloads could not be counted and are told again in a minute: {Reason}")]
    private partial void LogUntold(int count, string reason);

    [LoggerMessage(1103, LogLevel.Warning, "{Count} downloads were refused and are not counted: {Reason}")]
    private partial void LogRefused(int count, string reason);

    private readonly record struct Noted(string RepositoryId, string Account, long Day);
}
