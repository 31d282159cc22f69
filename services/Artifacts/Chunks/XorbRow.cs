using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Chunks;

internal sealed class XorbRow
{
    public required long Id { get; init; }

    public required string Hash { get; init; }

    public required string Object { get; init; }

    /// <summary>Who sent it first, in lower case: its bytes count for him.</summary>
    public required string Tenant { get; init; }

    public required long StoredBytes { get; init; }

    public required byte[] Chunks { get; init; }

    public required DateTimeOffset TouchedAt { get; init; }

    /// <summary>It stays until then, needed or not.</summary>
    public required DateTimeOffset KeptUntil { get; init; }

    /// <summary>When all of it was last read to see whether it is as it was stored.</summary>
    public required DateTimeOffset ScrubbedAt { get; init; }

    /// <summary>How many were not, and could not be repaired.</summary>
    public required int DamagedChunks { get; init; }

    /// <summary>What is wrong with the first of them; empty: nothing.</summary>
    public required string Fault { get; init; }

    /// <summary>How often a file has let go of it, and 1.</summary>
    public required long Releases { get; init; }

    /// <summary>What <see cref="Releases"/> was when the collector last looked at it.</summary>
    public required long ReleasesSeen { get; init; }

    public StoredXorb ToStoredXorb()
    {
        var hash = XetHash.Create(Hash).OrThrow();
        return new(Id, hash, ObjectKey.FromStored(Object), XorbIndex.Read(hash, Chunks).OrThrow(), DamagedChunks > 0);
    }
}

internal sealed class ChunkRow
{
    public required long Key { get; init; }

    /// <summary>See <see cref="Chunks.Place"/>.</summary>
    public required long Place { get; init; }
}

internal sealed class LayoutRow
{
    public required string Sha256 { get; init; }

    public required string XetHash { get; init; }

    public required byte[] Terms { get; init; }

    /// <summary>What its chunks take where they are, or more.</summary>
    public required long StoredBytes { get; init; }

    public FileLayout ToLayout() => FileLayout.FromBytes(Xet.XetHash.Create(XetHash).OrThrow(), Terms);
}

internal sealed class FileXorb
{
    private const int XorbsOfAStatement = 1000;

    public required string Sha256 { get; init; }

    public required long Xorb { get; init; }

    /// <summary>Of the xorbs of a file.</summary>
    public static Task<bool> AnyDamagedAsync(ArtifactsDbContext context, string sha256, CancellationToken cancellationToken) =>
        context.FileXorbs.AnyAsync(needed => needed.Sha256 == sha256 && context.Xorbs.Any(xorb => xorb.Id == needed.Xorb && xorb.DamagedChunks > 0), cancellationToken);

    /// <summary>The file needs these; in few statements, for all that writes waits for them.</summary>
    public static async Task AddAsync(ArtifactsDbContext context, string sha256, FileLayout layout, CancellationToken cancellationToken)
    {
        foreach (var some in layout.Xorbs.Chunk(XorbsOfAStatement))
        {
            // Numbers of our own making, and a digest in hexadecimal: nothing to escape.
            var rows = some.Select(xorb => string.Create(CultureInfo.InvariantCulture, $"('{sha256}',{xorb})"));
            var sql = "INSERT INTO file_xorbs (sha256, xorb) VALUES " + string.Join(',', rows);
            await context.Database.ExecuteSqlRawAsync(sql, cancellationToken);
        }
    }

    /// <summary>Before a file lets go of its xorbs: the collector is to look at them again.</summary>
    public static Task ReleaseAllAsync(ArtifactsDbContext context, string sha256, CancellationToken cancellationToken) =>
        context.Xorbs.Where(xorb => context.FileXorbs.Any(needed => needed.Sha256 == sha256 && needed.Xorb == xorb.Id))
            .ExecuteUpdateAsync(xorb => xorb.SetProperty(found => found.Releases, found => found.Releases + 1), cancellationToken);
}

/// <summary>A tenant may know all of this xorb: it sent it lately, by Xet.</summary>
internal sealed class TenantXorb
{
    public required string Tenant { get; init; }

    public required long Xorb { get; init; }

    /// <summary>The xorb itself is kept as long at least.</summary>
    public required DateTimeOffset KnownUntil { get; init; }

    /// <summary>What it took as this tenant sent it, at least a block of the disk.</summary>
    public required long SentBytes { get; init; }
}
