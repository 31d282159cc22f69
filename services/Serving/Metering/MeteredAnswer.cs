using ModelGarden.Kernel;
using ModelGarden.Serving.Forwarding;

namespace ModelGarden.Serving.Metering;

/// <summary>Passes one answer on and keeps what it cost, once, however the passing ends.</summary>
/// <param name="call">What is answered.</param>
/// <param name="operation">As usage names it; empty: it costs nothing.</param>
/// <param name="outbox">Where the record is kept.</param>
/// <param name="metrics">Where it is counted.</param>
/// <param name="clock">When it ended.</param>
internal sealed class MeteredAnswer(Call call, string operation, UsageOutbox outbox, ServingMetrics metrics, TimeProvider clock)
{
    private bool _kept = operation.Length is 0;

    public Meter Meter { get; } = new(call, operation);

    /// <summary>What breaks while it passes is the engine's answer, and told so.</summary>
    public async Task PassAsync(Func<Task> pass, CancellationToken aborted)
    {
        try
        {
            await pass();
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            Meter.Outcome = "aborted";
            throw;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException)
        {
            throw new ErrorException(ServingErrors.Broken(call.Endpoint, exception), exception);
        }
        finally
        {
            await KeepAsync();
        }
    }

    /// <summary>Before the answer's last bytes are sent: nobody has all of an answer that is not on the disk.</summary>
    public async Task KeepAsync()
    {
        if (!_kept)
        {
            _kept = true;
            Meter.Count(metrics);
            // Not the caller's token: what he used counts also when he has hung up.
            await outbox.KeepAsync(Meter.ToRecord(clock.GetUtcNow()), CancellationToken.None);
        }
    }
}
