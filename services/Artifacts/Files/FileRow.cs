using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Artifacts.Files;

/// <summary>One file that is in the store, with what its examination said.</summary>
internal sealed class FileRow
{
    public required string Sha256 { get; init; }

    public required long Size { get; init; }

    public required Verdict Verdict { get; init; }

    /// <summary>Who examined it; empty: nobody yet.</summary>
    public required string Examiner { get; init; }

    public required byte[] Report { get; init; }

    public required DateTimeOffset StoredAt { get; init; }

    /// <summary>Locks the file until the transaction ends, before anything else of it: who has it and what it was converted to change by turns. Nothing where it is not there.</summary>
    public static Task LockAsync(ArtifactsDbContext context, string sha256, CancellationToken cancellationToken) =>
        context.Files.Where(row => row.Sha256 == sha256).ExecuteUpdateAsync(row => row.SetProperty(found => found.StoredAt, found => found.StoredAt), cancellationToken);

    public StoredFile ToStoredFile() => StoredFile.Parser.ParseFrom(Report);

    public static FileRow From(StoredFile file, DateTimeOffset now) => new()
    {
        Sha256 = file.Sha256,
        Size = file.Size,
        Verdict = file.Verdict,
        Examiner = file.Examiner,
        Report = file.ToByteArray(),
        StoredAt = now,
    };
}

/// <summary>A tenant has this file: it sent all its bytes.</summary>
internal sealed class TenantFile
{
    /// <summary>See <see cref="CountedTo"/>.</summary>
    public const long AllCounted = long.MaxValue;

    // How fresh a name is good enough: much shorter than any grace period.
    private static readonly TimeSpan NameEvery = TimeSpan.FromHours(1);

    /// <summary>In lower case.</summary>
    public required string Tenant { get; init; }

    public required string Sha256 { get; init; }

    public required DateTimeOffset AddedAt { get; init; }

    /// <summary>When the tenant last sent it or asked for it, to the hour.</summary>
    public required DateTimeOffset NamedAt { get; init; }

    /// <summary>Its chunks are in the tenant's usage, those in xorbs up to this one. Changes only while its layout is locked.</summary>
    public required long CountedTo { get; init; }

    /// <summary>What the tenant's usage has for it as long as not all are.</summary>
    public required long UncountedBytes { get; init; }

    /// <summary>Keeps those of these files that the tenant has from being released for a while: it has named them, so it may be about to commit them.</summary>
    public static Task NameAsync(ArtifactsDbContext context, string tenant, IReadOnlyCollection<string> digests, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var stale = now - NameEvery;
        return context.TenantFiles.Where(held => held.Tenant == tenant && digests.Contains(held.Sha256) && held.NamedAt < stale)
            .ExecuteUpdateAsync(held => held.SetProperty(found => found.NamedAt, now), cancellationToken);
    }
}
