using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Examination;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Quotas;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Uploads;

/// <summary>Begins uploads and finds them again.</summary>
internal sealed class UploadSessions(IDbContextFactory<ArtifactsDbContext> contexts, StorageQuotas quotas, IOptions<ArtifactsOptions> options, TimeProvider clock)
{
    private const long Mebibyte = 1 << 20;
    private readonly ArtifactsOptions _options = options.Value;

    /// <summary>The session to send a file by; null: the tenant has the file already, whole, and the sender may know.</summary>
    public async Task<Result<Preparation>> PrepareAsync(Sender sender, Sha256Digest digest, long size, bool multipart, CancellationToken cancellationToken)
    {
        var parts = multipart && size > _options.PartSize;
        if (SizeRefusal(size, parts) is { } refusal)
        {
            return refusal;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var owner = sender.Tenant;
        await TenantFile.NameAsync(context, owner, [digest.Hex], clock.GetUtcNow(), cancellationToken);
        var held = await HeldSizeAsync(context, owner, digest, cancellationToken);
        var isKnown = held is not null && (!sender.IsBound || await SentBy(context, sender).AnyAsync(session => session.Sha256 == digest.Hex, cancellationToken));
        if (isKnown && held is { } known && known != size)
        {
            return ArtifactsErrors.SizeDiffers(size, known);
        }

        // What is damaged is asked for again: that heals it.
        if (isKnown && !await FileXorb.AnyDamagedAsync(context, digest.Hex, cancellationToken))
        {
            return new Preparation(null);
        }

        if (await OpenUploadsAsync(context, owner, digest, cancellationToken) >= _options.MaximumOpenUploads)
        {
            return ArtifactsErrors.TooManyUploads(_options.MaximumOpenUploads);
        }

        if (held is null && await quotas.RefusalAsync(context, owner, digest, size, cancellationToken) is { } overQuota)
        {
            return overQuota;
        }

        return new Preparation(await BeginAsync(context, sender, digest, size, parts, cancellationToken));
    }

    /// <summary>Those of these files that came, whole, by tokens for the sender's repository, as long as their uploads are remembered.</summary>
    public async Task<HashSet<string>> SentAsync(Sender sender, IReadOnlyCollection<string> digests, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await SentBy(context, sender).Where(session => digests.Contains(session.Sha256)).Select(session => session.Sha256).ToHashSetAsync(cancellationToken);
    }

    /// <summary>Remembers a file that came in another way, such as by the Xet protocol, as sent.</summary>
    public async Task KeepSentAsync(Sender sender, Sha256Digest digest, long size, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var (now, id) = (clock.GetUtcNow(), Guid.NewGuid().ToString("n"));
        var (expiresAt, completedAt) = ((now + _options.UploadLifetime).ToUnixTimeMilliseconds(), now.ToUnixTimeMilliseconds());
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO upload_sessions (id, tenant, repository, sha256, size, multipart, part_size, expires_at, completed_at)
            VALUES ({id}, {sender.Tenant}, {sender.Repository}, {digest.Hex}, {size}, {false}, 0, {expiresAt}, {completedAt})
            ON CONFLICT (tenant, repository, sha256, size, multipart) DO UPDATE SET expires_at = excluded.expires_at, completed_at = excluded.completed_at
            """,
            cancellationToken);
    }

    public async Task<Result<UploadSession>> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Sessions.SingleOrDefaultAsync(session => session.Id == id, cancellationToken) is { } found ? found : ArtifactsErrors.SessionNotFound;
    }

    private Error? SizeRefusal(long size, bool parts) => size switch
    {
        < 0 => ArtifactsErrors.BadSize(size),
        _ when size > _options.MaximumFileSize => ArtifactsErrors.TooLarge(size, _options.MaximumFileSize),
        _ when !parts && size > _options.SinglePutLimit => ArtifactsErrors.TooLargeForOneRequest(size, _options.SinglePutLimit),
        _ => null,
    };

    private static IQueryable<UploadSession> SentBy(ArtifactsDbContext context, Sender sender) =>
        context.Sessions.Where(session => session.Tenant == sender.Tenant && session.Repository == sender.Repository && session.CompletedAt > UploadSession.Never);

    private static Task<long?> HeldSizeAsync(ArtifactsDbContext context, string tenant, Sha256Digest digest, CancellationToken cancellationToken) =>
        context.TenantFiles.Where(held => held.Tenant == tenant && held.Sha256 == digest.Hex)
            .Join(context.Files, held => held.Sha256, file => file.Sha256, (_, file) => (long?)file.Size)
            .SingleOrDefaultAsync(cancellationToken);

    /// <summary>Those of other files: asking again for the same one is no new upload.</summary>
    private static Task<int> OpenUploadsAsync(ArtifactsDbContext context, string tenant, Sha256Digest digest, CancellationToken cancellationToken) =>
        context.Sessions.CountAsync(
            session => session.Tenant == tenant && session.CompletedAt == UploadSession.Never && session.Sha256 != digest.Hex, cancellationToken);

    /// <summary>One statement, so that preparations at the same time get the same session. Its part size stays as it was when it began.</summary>
    private async Task<UploadSession> BeginAsync(
        ArtifactsDbContext context, Sender sender, Sha256Digest digest, long size, bool multipart, CancellationToken cancellationToken)
    {
        var (id, partSize) = (Guid.NewGuid().ToString("n"), multipart ? PartSizeOf(size) : 0);
        var expiresAt = (clock.GetUtcNow() + _options.UploadLifetime).ToUnixTimeMilliseconds();
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO upload_sessions (id, tenant, repository, sha256, size, multipart, part_size, expires_at, completed_at)
            VALUES ({id}, {sender.Tenant}, {sender.Repository}, {digest.Hex}, {size}, {multipart}, {partSize}, {expiresAt}, 0)
            ON CONFLICT (tenant, repository, sha256, size, multipart) DO UPDATE SET expires_at = excluded.expires_at, completed_at = 0
            """,
            cancellationToken);
        return await context.Sessions.SingleAsync(
            session => session.Tenant == sender.Tenant && session.Repository == sender.Repository && session.Sha256 == digest.Hex && session.Size == size && session.Multipart == multipart, cancellationToken);
    }

    private long PartSizeOf(long size)
    {
        var smallest = (size + _options.MaximumParts - 1) / _options.MaximumParts;
        return smallest <= _options.PartSize ? _options.PartSize : (smallest + Mebibyte - 1) / Mebibyte * Mebibyte;
    }
}

/// <param name="Session">Null: nothing to send.</param>
internal sealed record Preparation(UploadSession? Session);
