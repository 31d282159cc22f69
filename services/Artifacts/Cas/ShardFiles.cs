using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>
/// Checks the files of a shard against the xorbs that they are made of. The SHA-256 that is claimed for a file is computed from its bytes, for hashes of
/// chunks cannot prove it (xet.md 4): else anybody could have his bytes served under the name of others'.
/// </summary>
internal sealed class ShardFiles(Xorbs xorbs, ChunkStore chunks, FileLayouts layouts, StoredFiles files, ChunkSharing sharing, IOptions<ArtifactsOptions> options)
{
    /// <summary>What a shard asks for is bounded before any of it is done: a short one can refer to the same chunks very often.</summary>
    public Error? Bound(Shard shard)
    {
        var (bytes, limit) = (shard.Files.Sum(file => file.Length), options.Value.MaximumFileSize);
        var references = shard.Files.Sum(file => file.Segments.Sum(segment => (long)segment.EndChunk - segment.FirstChunk));
        return 0 switch
        {
            _ when shard.Files.Count > CasLimits.FilesOfAShard => CasErrors.BadShard("the list of files", $"it has {shard.Files.Count} where {CasLimits.FilesOfAShard} are allowed: send fewer at once"),
            _ when bytes > limit => CasErrors.BadShard("the list of files", $"they have {bytes} bytes together where {limit} are allowed (Garden:Artifacts:MaximumFileSize): send fewer at once"),
            _ when references > CasLimits.ChunksOfAShard => CasErrors.BadShard("the list of files", $"they have {references} chunks together where {CasLimits.ChunksOfAShard} are allowed: send fewer at once"),
            _ => null,
        };
    }

    /// <summary>The file, ready to be added; or in which way it is not as the shard says.</summary>
    public async Task<Result<CheckedFile>> CheckAsync(string tenant, ShardFile file, IReadOnlyDictionary<XetHash, long> known, CancellationToken cancellationToken)
    {
        if (file.Sha256 is not { } digest)
        {
            return ShardClaims.Lie(file, "its sha256 is missing");
        }

        if (file.Segments.Count > 0 && file.Verification is null)
        {
            return ShardClaims.Lie(file, "its verification hashes are missing");
        }

        var layout = await LayoutAsync(file, known, cancellationToken);
        return layout.Error is { } fault ? fault
            : layout.Value.Hash != file.Hash ? ShardClaims.Lie(file, "its chunks have another hash")
            : await ProveAsync(tenant, file, digest, layout.Value, cancellationToken);
    }

    private async Task<Result<FileLayout>> LayoutAsync(ShardFile file, IReadOnlyDictionary<XetHash, long> known, CancellationToken cancellationToken)
    {
        var layout = new LayoutBuilder();
        foreach (var (number, segment) in file.Segments.Index())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await xorbs.FindAsync(known[segment.Xorb], cancellationToken) is not { } stored)
            {
                return CasErrors.BadShard($"xorb {segment.Xorb}", "it went while the shard was checked: send it again");
            }

            if (ShardClaims.Check(file, number, stored) is { } fault)
            {
                return fault;
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

    private async Task<Result<CheckedFile>> ProveAsync(string tenant, ShardFile file, Sha256Digest digest, FileLayout layout, CancellationToken cancellationToken)
    {
        // Sent again, as after an answer that was lost: proved before, and this tenant knows of it.
        if (await files.IsHeldAsync(tenant, digest, cancellationToken) && await files.ExistsAsync(digest.Hex, cancellationToken) && (await layouts.FindAsync(digest, cancellationToken))?.Hash == layout.Hash)
        {
            return new CheckedFile(new(tenant, digest, layout.Size, layout), IsHeld: true);
        }

        var shared = await sharing.ShareAsync(layout, cancellationToken);
        if (!shared.Terms.SequenceEqual(layout.Terms) && await IsAsync(shared, digest, cancellationToken))
        {
            return new CheckedFile(new(tenant, digest, layout.Size, shared), IsHeld: false);
        }

        // What is wrong with older bytes is not the sender's fault: his own decide.
        var computed = await Sha256Async(layout, cancellationToken);
        return computed == digest ? new CheckedFile(new(tenant, digest, layout.Size, layout), IsHeld: false) : ShardClaims.Lie(file, $"its bytes have another sha256 than {digest}");
    }

    /// <summary>False also where the chunks cannot be read: they are damaged, or went meanwhile. A store that does not serve serves nobody's.</summary>
    private async Task<bool> IsAsync(FileLayout layout, Sha256Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            return await Sha256Async(layout, cancellationToken) == digest;
        }
        catch (IOException exception) when (exception is not ObjectStoreException)
        {
            return false;
        }
    }

    private async Task<Sha256Digest> Sha256Async(FileLayout layout, CancellationToken cancellationToken)
    {
        using var file = chunks.Open(layout);
        await using var content = file.OpenStream();
        return Sha256Digest.FromBytes(await SHA256.HashDataAsync(content, cancellationToken));
    }
}

/// <summary>A file that is as its shard says.</summary>
/// <param name="File">To be added.</param>
/// <param name="IsHeld">The tenant has it already.</param>
internal sealed record CheckedFile(NewFile File, bool IsHeld);
