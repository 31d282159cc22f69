using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Artifacts.Integrity;

/// <summary>What the scrub has found.</summary>
internal sealed class IntegrityReport(IDbContextFactory<ArtifactsDbContext> contexts)
{
    private const int MaximumListed = 100;

    public async Task<GetIntegrityResponse> DescribeAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var damaged = context.Xorbs.Where(row => row.DamagedChunks > 0);
        var response = new GetIntegrityResponse { Xorbs = await context.Xorbs.LongCountAsync(cancellationToken), DamagedXorbs = await damaged.LongCountAsync(cancellationToken) };
        if (await context.Xorbs.OrderBy(row => row.ScrubbedAt).FirstOrDefaultAsync(cancellationToken) is { } oldest)
        {
            response.ScrubbedSince = oldest.ScrubbedAt.ToTimestamp();
        }

        foreach (var row in await damaged.OrderBy(row => row.Id).Take(MaximumListed).ToListAsync(cancellationToken))
        {
            response.Damages.Add(Describe(row, await FilesAsync(context, row, cancellationToken)));
        }

        return response;
    }

    private static Task<List<string>> FilesAsync(ArtifactsDbContext context, XorbRow row, CancellationToken cancellationToken) =>
        context.FileXorbs.Where(needed => needed.Xorb == row.Id).Select(needed => needed.Sha256).OrderBy(sha256 => sha256).Take(MaximumListed).ToListAsync(cancellationToken);

    private static DamagedXorb Describe(XorbRow row, IEnumerable<string> files) => new()
    {
        Xorb = row.Hash,
        Object = row.Object,
        Chunks = row.DamagedChunks,
        Fault = row.Fault,
        ScrubbedAt = row.ScrubbedAt.ToTimestamp(),
        Files = { files },
    };
}
