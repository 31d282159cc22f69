using Microsoft.Extensions.Hosting;

namespace ModelGarden.Hosting;

/// <summary>The lifetime of a host among others in one process: whoever owns them starts and stops them, in his order.</summary>
internal sealed class OwnedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
