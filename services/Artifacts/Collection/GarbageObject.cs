using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Files;

namespace ModelGarden.Artifacts.Collection;

/// <summary>An object in the store that nothing names any more.</summary>
internal sealed class GarbageObject
{
    public required string Object { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>Puts an object with the garbage, as part of the transaction that takes its name.</summary>
    public static Task AddAsync(ArtifactsDbContext context, string stored, DateTimeOffset now, CancellationToken cancellationToken) => context.Database.ExecuteSqlAsync(
        $"INSERT INTO garbage (object, since) VALUES ({stored}, {now.ToUnixTimeMilliseconds()}) ON CONFLICT DO NOTHING", cancellationToken);
}
