using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Files;

namespace ModelGarden.Artifacts.Urls;

/// <summary>Loads the signing secret before the first request is served, and makes it at the very first start.</summary>
internal sealed class UrlKeyring(IDbContextFactory<ArtifactsDbContext> contexts, TimeProvider clock) : IHostedService
{
    private byte[]? _secret;

    public byte[] Secret => _secret ?? throw new InvalidOperationException("the service has not started");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var made = RandomNumberGenerator.GetBytes(32);
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        await context.Database.ExecuteSqlAsync($"INSERT INTO url_keys (id, secret, created_at) VALUES (1, {made}, {now}) ON CONFLICT (id) DO NOTHING", cancellationToken);
        _secret = (await context.Keys.SingleAsync(key => key.Id == 1, cancellationToken)).Secret;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
