using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ModelGarden.Hosting.Health;

/// <summary>
/// What a service still waits for before it can do its work. Parts name what they wait for when they are built and take it back when it
/// is there; <c>/healthz</c> answers 200 when nothing is left, else 503 with the list.
/// </summary>
public sealed class Readiness
{
    private readonly ConcurrentDictionary<string, bool> _waiting = new(StringComparer.Ordinal);
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsReady => _waiting.IsEmpty;

    /// <summary>What is still waited for, in order.</summary>
    public IReadOnlyList<string> Waiting => [.. _waiting.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Not ready until <see cref="Reached"/> is called with the same words.</summary>
    public void WaitFor(string what) => _waiting[what] = true;

    public void Reached(string what)
    {
        _waiting.TryRemove(what, out _);
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    /// <summary>Completes when nothing is waited for any more.</summary>
    public async Task WhenReadyAsync(CancellationToken cancellationToken)
    {
        for (var changed = _changed; !IsReady; changed = _changed)
        {
            await changed.Task.WaitAsync(cancellationToken);
        }
    }
}

internal static class HealthEndpoints
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapGardenHealth()
        {
            routes.MapGet("/healthz/live", () => "alive");
            routes.MapGet("/healthz", (HttpContext context) =>
            {
                var readiness = context.RequestServices.GetRequiredService<Readiness>();
                context.Response.StatusCode = readiness.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
                return context.Response.WriteAsync(readiness.IsReady ? "ready" : $"waiting for {string.Join(", ", readiness.Waiting)}");
            });
        }
    }
}
