using System.Collections.Concurrent;

namespace ModelGarden.Hosting.Health;

/// <summary>
/// What a service still waits for before it can do its work. Parts name what they wait for when they are built and take it back when it
/// is there; <c>/healthz</c> answers 200 when nothing is left, else 503 with the list.
/// </summary>
public sealed class Readiness
{
    private readonly ConcurrentDictionary<string, bool> _waiting = new(StringComparer.Ordinal);
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Raised after every change, on the thread that made it.</summary>
    internal event Action? Changed;

    public bool IsReady => _waiting.IsEmpty;

    /// <summary>What is still waited for, in order.</summary>
    public IReadOnlyList<string> Waiting => [.. _waiting.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Not ready until <see cref="Reached"/> is called with the same words.</summary>
    public void WaitFor(string what)
    {
        _waiting[what] = true;
        Tell();
    }

    public void Reached(string what)
    {
        _waiting.TryRemove(what, out _);
        Tell();
    }

    /// <summary>Completes when nothing is waited for any more.</summary>
    public async Task WhenReadyAsync(CancellationToken cancellationToken)
    {
        for (var changed = _changed; !IsReady; changed = _changed)
        {
            await changed.Task.WaitAsync(cancellationToken);
        }
    }

    private void Tell()
    {
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        Changed?.Invoke();
    }
}
