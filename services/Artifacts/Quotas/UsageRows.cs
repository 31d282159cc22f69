using ModelGarden.Artifacts.Chunks;

namespace ModelGarden.Artifacts.Quotas;

/// <summary>What a tenant holds.</summary>
internal sealed class TenantUsage
{
    /// <summary>In lower case.</summary>
    public required string Tenant { get; init; }

    public required long Files { get; init; }

    /// <summary>The sizes of its files together.</summary>
    public required long LogicalBytes { get; init; }

    /// <summary>What the distinct chunks of its files take in the store, those that are counted.</summary>
    public required long StoredBytes { get; init; }

    /// <summary>What those that are not counted yet may take at most.</summary>
    public required long UncountedBytes { get; init; }

    /// <summary>Another one whenever <see cref="TenantChunks"/> change.</summary>
    public required long Version { get; init; }

    public static TenantUsage Nothing(string tenant) => new() { Tenant = tenant, Files = 0, LogicalBytes = 0, StoredBytes = 0, UncountedBytes = 0, Version = 0 };

    /// <summary>With a file more, of which nothing is counted.</summary>
    public TenantUsage With(long size, long storedBytes) => new()
    {
        Tenant = Tenant,
        Files = Files + 1,
        LogicalBytes = LogicalBytes + size,
        StoredBytes = StoredBytes,
        UncountedBytes = UncountedBytes + storedBytes,
        Version = Version,
    };
}

/// <summary>What the files of a tenant need of a xorb.</summary>
internal sealed class TenantChunks
{
    public required string Tenant { get; init; }

    public required long Xorb { get; init; }

    /// <summary>See <see cref="ChunkCounts"/>.</summary>
    public required byte[] Counts { get; init; }
}

/// <summary>A file that a tenant has no more, yet whose chunks are counted.</summary>
internal sealed class TenantReturn
{
    public required long Id { get; init; }

    public required string Tenant { get; init; }

    public required string XetHash { get; init; }

    public required byte[] Terms { get; init; }

    /// <summary>The last xorb of which they still are.</summary>
    public required long CountedTo { get; init; }

    public FileLayout ToLayout() => FileLayout.FromBytes(Xet.XetHash.Create(XetHash).OrThrow(), Terms);
}

/// <summary>Limits that an operator has set for a tenant.</summary>
internal sealed class TenantQuota
{
    public required string Tenant { get; init; }

    /// <summary>Null: as for everybody; 0: none.</summary>
    public required long? LogicalBytes { get; init; }

    /// <summary>Null: as for everybody; 0: none.</summary>
    public required long? StoredBytes { get; init; }
}

/// <summary>What a tenant may hold; 0: as much as it likes.</summary>
internal readonly record struct StorageLimits(long LogicalBytes, long StoredBytes)
{
    /// <summary>Of those that there are.</summary>
    public long Smallest => LogicalBytes is 0 ? StoredBytes : StoredBytes is 0 ? LogicalBytes : Math.Min(LogicalBytes, StoredBytes);
}
