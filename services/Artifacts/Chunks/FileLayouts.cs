using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using ModelGarden.Artifacts.Files;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>What files are made of. Kept for a while: a layout only changes when xorbs are rewritten, and who then misses the old ones asks again.</summary>
internal sealed class FileLayouts(IDbContextFactory<ArtifactsDbContext> contexts) : IDisposable
{
    private const long Limit = 16 << 20;
    private const int BytesOfATerm = 32;
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);
    private readonly MemoryCache _layouts = new(new MemoryCacheOptions { SizeLimit = Limit });

    public async ValueTask<FileLayout?> FindAsync(Sha256Digest digest, CancellationToken cancellationToken) =>
        _layouts.Get<FileLayout>(digest.Hex) ?? await ReloadAsync(digest, cancellationToken);

    /// <summary>As the database has it now.</summary>
    public async ValueTask<FileLayout?> ReloadAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var layout = (await context.Layouts.SingleOrDefaultAsync(row => row.Sha256 == digest.Hex, cancellationToken))?.ToLayout();
        return layout is null ? null : Keep(digest, layout);
    }

    /// <summary>The file is made of something else now.</summary>
    public void Forget(Sha256Digest digest) => _layouts.Remove(digest.Hex);

    /// <summary>The file of this Xet hash.</summary>
    public async Task<Sha256Digest?> DigestOfAsync(XetHash hash, CancellationToken cancellationToken)
    {
        var text = hash.ToString();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Layouts.Where(row => row.XetHash == text).Select(row => row.Sha256).OrderBy(digest => digest).FirstOrDefaultAsync(cancellationToken) is { } digest
            ? Sha256Digest.Create(digest).OrThrow()
            : null;
    }

    /// <summary>The Xet hashes of those of these files that there are.</summary>
    public async Task<IReadOnlyDictionary<string, string>> HashesOfAsync(IReadOnlyCollection<string> digests, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Layouts.Where(row => digests.Contains(row.Sha256)).ToDictionaryAsync(row => row.Sha256, row => row.XetHash, cancellationToken);
    }

    public void Dispose() => _layouts.Dispose();

    private FileLayout Keep(Sha256Digest digest, FileLayout layout) => _layouts.Set(
        digest.Hex, layout, new MemoryCacheEntryOptions { Size = BytesOfATerm * (layout.Terms.Count + 1L), AbsoluteExpirationRelativeToNow = KeptFor });
}
