using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Uploads;

/// <summary>The parts of uploads that have come whole. An object in the store is a part from when its row is written.</summary>
internal sealed class UploadParts(IObjectStore objects, IDbContextFactory<ArtifactsDbContext> contexts)
{
    /// <summary>In the order of their numbers.</summary>
    public async Task<IReadOnlyList<UploadPart>> ListAsync(UploadSession session, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Parts.Where(part => part.Session == session.Id).OrderBy(part => part.Number).ToListAsync(cancellationToken);
    }

    /// <summary>How much of the file has come without a gap, from its beginning.</summary>
    public async Task<long> OffsetAsync(UploadSession session, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var numbers = await context.Parts.Where(part => part.Session == session.Id).OrderBy(part => part.Number).Select(part => part.Number).ToListAsync(cancellationToken);
        return Math.Min(session.Size, numbers.TakeWhile((number, i) => number == i + 1).Count() * session.PartSize);
    }

    /// <summary>In place of the one that had its number.</summary>
    public async Task ReplaceAsync(UploadPart part, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var before = await context.Parts.Where(row => row.Session == part.Session && row.Number == part.Number).ToListAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO upload_parts (session, number, etag, object) VALUES ({part.Session}, {part.Number}, {part.Etag}, {part.Object})
            ON CONFLICT (session, number) DO UPDATE SET etag = excluded.etag, object = excluded.object
            """,
            cancellationToken);
        await DeleteAsync(before, cancellationToken);
    }

    /// <summary>False, and the part is gone: someone else's was quicker, or the upload has ended meanwhile.</summary>
    public async Task<bool> TryAddAsync(UploadPart part, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var added = await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO upload_parts (session, number, etag, object)
            SELECT {part.Session}, {part.Number}, {part.Etag}, {part.Object} FROM upload_sessions WHERE id = {part.Session} AND completed_at = 0
            ON CONFLICT (session, number) DO NOTHING
            """,
            cancellationToken);
        if (added is 0)
        {
            await DeleteAsync([part], cancellationToken);
        }

        return added > 0;
    }

    /// <summary>These are not the file's; what came in their place since stays.</summary>
    public async Task ForgetAsync(UploadSession session, IReadOnlyList<UploadPart> parts, CancellationToken cancellationToken)
    {
        var objectsOf = parts.Select(part => part.Object).ToList();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.Parts.Where(part => part.Session == session.Id && objectsOf.Contains(part.Object)).ExecuteDeleteAsync(cancellationToken);
    }

    public async Task DeleteAsync(IReadOnlyList<UploadPart> parts, CancellationToken cancellationToken)
    {
        foreach (var part in parts)
        {
            await objects.DeleteAsync(ObjectKey.FromStored(part.Object), cancellationToken);
        }
    }
}
