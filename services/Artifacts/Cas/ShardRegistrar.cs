using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Quotas;
using ModelGarden.Artifacts.Uploads;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>
/// Registers the files of a shard, all of which must be as it says: made of xorbs that the tenant has sent, with the hashes that their chunks have. All
/// are checked before the first is registered: a shard that lies is refused whole.
/// </summary>
internal sealed class ShardRegistrar(Xorbs xorbs, ShardFiles claims, StoredFiles files, UploadSessions sessions, Admission admission)
{
    /// <summary>False: the tenant had all of it before.</summary>
    /// <param name="access">Whose files they will be.</param>
    /// <param name="shard">As it came.</param>
    /// <param name="progress">Told how many files have been checked.</param>
    /// <param name="cancellationToken">Nothing is registered where it comes before the first file is.</param>
    public async Task<Result<bool>> RegisterAsync(XetAccess access, Shard shard, Action<int> progress, CancellationToken cancellationToken)
    {
        var tenant = access.Tenant;
        if (claims.Bound(shard) is { } excess)
        {
            return excess;
        }

        // Before their bytes are hashed, which takes long.
        if (await admission.RefusalAsync(tenant, shard.Files, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var known = await KnownXorbsAsync(tenant, shard, cancellationToken);
        if (known.Error is { } unknown)
        {
            return unknown;
        }

        var found = await CheckAsync(tenant, shard, known.Value, progress, cancellationToken);
        return found.Error is null ? await AddAsync(access, found.Value, cancellationToken) : found.Error;
    }

    /// <summary>The ids of all xorbs that the shard names, kept from being collected for a while, and that those which it describes are as it does.</summary>
    private async Task<Result<Dictionary<XetHash, long>>> KnownXorbsAsync(string tenant, Shard shard, CancellationToken cancellationToken)
    {
        var described = shard.Xorbs.ToLookup(xorb => xorb.Hash);
        var known = new Dictionary<XetHash, long>();
        foreach (var hash in described.Select(same => same.Key).Concat(shard.Files.SelectMany(file => file.Segments.Select(segment => segment.Xorb))))
        {
            if (known.ContainsKey(hash))
            {
                continue;
            }

            if (await xorbs.FindOfTenantAsync(tenant, hash, cancellationToken) is not { } stored || !await xorbs.TouchAsync(stored, cancellationToken))
            {
                return CasErrors.BadShard($"xorb {hash}", "it has not been uploaded by this tenant");
            }

            if (described[hash].Select(claimed => ShardClaims.Check(claimed, stored)).FirstOrDefault(fault => fault is not null) is { } lie)
            {
                return lie;
            }

            known[hash] = stored.Id;
        }

        return known;
    }

    private async Task<Result<List<CheckedFile>>> CheckAsync(
        string tenant, Shard shard, IReadOnlyDictionary<XetHash, long> known, Action<int> progress, CancellationToken cancellationToken)
    {
        var found = new List<CheckedFile>();
        foreach (var file in shard.Files)
        {
            var one = await claims.CheckAsync(tenant, file, known, cancellationToken);
            if (one.Error is { } fault)
            {
                return fault;
            }

            found.Add(one.Value);
            progress(found.Count);
        }

        return found;
    }

    private async Task<Result<bool>> AddAsync(XetAccess access, List<CheckedFile> found, CancellationToken cancellationToken)
    {
        var fresh = found.Where(file => !file.IsHeld).ToList();
        if (await admission.RefusalAsync(access.Tenant, fresh.ConvertAll(file => file.File), cancellationToken) is { } refusal)
        {
            return refusal;
        }

        foreach (var file in fresh)
        {
            if (await files.AddAsync(file.File, null, cancellationToken) is { } late)
            {
                return late;
            }
        }

        if (access.Bound.Length > 0)
        {
            foreach (var file in found.Select(one => one.File))
            {
                await sessions.KeepSentAsync(new(access.Tenant, access.Bound.ToLowerInvariant()), file.Digest, file.Size, cancellationToken);
            }
        }

        return fresh.Count > 0;
    }
}
