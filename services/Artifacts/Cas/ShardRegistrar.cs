using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>
/// Registers the files of a shard, all of which must be as it says: made of xorbs that the tenant has sent, with the hashes that their chunks have. The
/// SHA-256 that is claimed for a file is computed from its bytes, for hashes of chunks cannot prove it (xet.md 4).
/// </summary>
internal sealed class ShardRegistrar(Xorbs xorbs, ChunkStore chunks, StoredFiles files, IOptions<ArtifactsOptions> options)
{
    /// <summary>False: the tenant had all of it before.</summary>
    public async Task<bool> RegisterAsync(string tenant, Shard shard, CancellationToken cancellationToken)
    {
        var known = await KnownXorbsAsync(tenant, shard, cancellationToken);
        foreach (var claimed in shard.Xorbs)
        {
            Check(claimed, known[claimed.Hash]);
        }

        // All are checked before the first is registered: a shard that lies is refused whole.
        var checkedFiles = new List<NewFile>();
        foreach (var file in shard.Files)
        {
            checkedFiles.Add(await CheckAsync(tenant, file, known, cancellationToken));
        }

        var isNew = false;
        foreach (var file in checkedFiles)
        {
            isNew |= !await files.IsHeldAsync(tenant, file.Digest, cancellationToken);
            await files.AddAsync(file, null, cancellationToken);
        }

        return isNew;
    }

    private async Task<IReadOnlyDictionary<XetHash, StoredXorb>> KnownXorbsAsync(string tenant, Shard shard, CancellationToken cancellationToken)
    {
        var named = shard.Files.SelectMany(file => file.Segments.Select(segment => segment.Xorb)).Concat(shard.Xorbs.Select(xorb => xorb.Hash)).Distinct();
        var known = new Dictionary<XetHash, StoredXorb>();
        foreach (var hash in named)
        {
            var xorb = await xorbs.FindOfTenantAsync(tenant, hash, cancellationToken);
            known[hash] = xorb is not null && await xorbs.TouchAsync(xorb, cancellationToken) ? xorb : throw Lie($"xorb {hash}", "it has not been uploaded by this tenant");
        }

        return known;
    }

    private static void Check(ShardXorb claimed, StoredXorb stored)
    {
        if (claimed.Chunks.Count != stored.Index.Count)
        {
            throw Lie($"xorb {claimed.Hash}", $"it has {stored.Index.Count} chunks, not {claimed.Chunks.Count}");
        }

        for (var n = 0; n < claimed.Chunks.Count; n++)
        {
            var (chunk, known) = (claimed.Chunks[n], stored.Index.Chunks[n]);
            if (chunk.Hash != known.Hash || chunk.Length != known.Length || chunk.Start != stored.Index.UnpackedStart(n))
            {
                throw Lie($"xorb {claimed.Hash}", $"its chunk {n} is {known.Hash} with {known.Length} bytes");
            }
        }
    }

    private async Task<NewFile> CheckAsync(string tenant, ShardFile file, IReadOnlyDictionary<XetHash, StoredXorb> known, CancellationToken cancellationToken)
    {
        var what = $"file {file.Hash}";
        if (file.Sha256 is not { } digest)
        {
            throw Lie(what, "its sha256 is missing");
        }

        if (file.Length > options.Value.MaximumFileSize)
        {
            throw new ErrorException(ArtifactsErrors.TooLarge(file.Length, options.Value.MaximumFileSize));
        }

        var layout = LayoutOf(file, known);
        if (layout.Hash != file.Hash)
        {
            throw Lie(what, $"its chunks have the hash {layout.Hash}");
        }

        var computed = await Sha256Async(layout, cancellationToken);
        return computed == digest ? new(tenant, digest, layout.Size, "", layout) : throw Lie(what, $"its bytes have the sha256 {computed}, not {digest}");
    }

    private static FileLayout LayoutOf(ShardFile file, IReadOnlyDictionary<XetHash, StoredXorb> known)
    {
        if (file.Segments.Count > 0 && file.Verification is null)
        {
            throw Lie($"file {file.Hash}", "its verification hashes are missing");
        }

        var layout = new LayoutBuilder();
        foreach (var (n, segment) in file.Segments.Index())
        {
            var stored = known[segment.Xorb];
            if (segment.EndChunk > stored.Index.Count || stored.Index.UnpackedStart(segment.EndChunk) - stored.Index.UnpackedStart(segment.FirstChunk) != segment.Length)
            {
                throw Lie($"file {file.Hash}", $"segment {n} has {segment.Length} bytes in chunks {segment.FirstChunk} to {segment.EndChunk} of xorb {segment.Xorb}, which the xorb has not");
            }

            if (XetHashes.OfRange(stored.Index.Chunks[segment.FirstChunk..segment.EndChunk]) != file.Verification![n])
            {
                throw Lie($"file {file.Hash}", $"the verification hash of segment {n} is not that of its chunks");
            }

            Append(layout, stored, segment);
        }

        return layout.Build();
    }

    private static void Append(LayoutBuilder layout, StoredXorb stored, ShardSegment segment)
    {
        var reference = new XorbReference { Id = stored.Id };
        for (var number = segment.FirstChunk; number < segment.EndChunk; number++)
        {
            layout.Add(stored.Index.Chunks[number].Hash, stored.Index.Chunks[number].Length, reference, number);
        }
    }

    private async Task<Sha256Digest> Sha256Async(FileLayout layout, CancellationToken cancellationToken)
    {
        using var file = chunks.Open(layout);
        await using var content = file.OpenStream();
        return Sha256Digest.FromBytes(await SHA256.HashDataAsync(content, cancellationToken));
    }

    private static ErrorException Lie(string what, string fault) => new(CasErrors.BadShard(what, fault));
}
