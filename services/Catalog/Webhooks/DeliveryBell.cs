namespace ModelGarden.Catalog.Webhooks;

/// <summary>Wakes whoever sends deliveries, when there is something new in this process.</summary>
internal sealed class DeliveryBell
{
    private TaskCompletionSource _rung = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends at the next ring. Taken before one looks, so that none is missed.</summary>
    public Task Rung => Volatile.Read(ref _rung).Task;

    public void Ring() => Interlocked.Exchange(ref _rung, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
