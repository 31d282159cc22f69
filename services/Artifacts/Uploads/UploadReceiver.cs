using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Uploads;

/// <summary>Takes in files and parts of files. What is acknowledged is on the disk, verified; what is refused leaves nothing.</summary>
internal sealed class UploadReceiver(IObjectStore objects, ChunkStore chunks, StoredFiles files, IDbContextFactory<ArtifactsDbContext> contexts, ArtifactsMetrics metrics)
{
    /// <summary>The whole file in one body.</summary>
    public async Task<Result<Sha256Digest>> TakeFileAsync(UploadSession session, Stream body, CancellationToken cancellationToken)
    {
        var stored = await StoreAsync(session, intake => intake.TakeAsync(body, cancellationToken), cancellationToken);
        if (stored.Error is null)
        {
            metrics.Received(session.Size);
        }

        return stored;
    }

    /// <summary>One part; answers its ETag. Sent again, the last one counts.</summary>
    public async Task<Result<string>> TakePartAsync(UploadSession session, int number, Stream body, CancellationToken cancellationToken)
    {
        var (key, length) = (ObjectKey.OfPart(session.Id, number), session.LengthOfPart(number));
        await using var writer = await objects.CreateAsync(key, cancellationToken);
        await using var intake = new ByteIntake(length, writer.WriteAsync);
        await intake.TakeAsync(body, cancellationToken);
        var digest = await intake.FinishAsync();
        if (digest.Error is { } error)
        {
            return error;
        }

        await writer.CommitAsync(cancellationToken);
        metrics.Received(length);
        var etag = $"\"{digest.Value}\"";
        await KeepPartAsync(session, number, etag, key, cancellationToken);
        return etag;
    }

    /// <summary>Puts the parts together, in the order of their numbers. Asked again after it has succeeded, it has succeeded.</summary>
    public async Task<Result<Sha256Digest>> CompleteAsync(UploadSession session, Completion completion, CancellationToken cancellationToken)
    {
        if (completion.Oid != session.Sha256)
        {
            return ArtifactsErrors.WrongOid(completion.Oid);
        }

        if (session.IsCompleted)
        {
            return Sha256Digest.Create(session.Sha256);
        }

        var parts = await PartsAsync(session, cancellationToken);
        if (completion.RefusalFor(session, parts) is { } refusal)
        {
            return refusal;
        }

        var stored = await StoreAsync(session, intake => TakePartsAsync(parts, intake, cancellationToken), cancellationToken);
        if (stored.Error is not null)
        {
            await ForgetPartsAsync(session, cancellationToken);
        }

        await DeleteAsync(parts, cancellationToken);
        return stored;
    }

    /// <summary>Stores a file under the digest that it is announced with, if it is its own. A file that is there already is verified and not written twice.</summary>
    private async Task<Result<Sha256Digest>> StoreAsync(UploadSession session, Func<ByteIntake, Task> fill, CancellationToken cancellationToken)
    {
        var announced = Sha256Digest.Create(session.Sha256).OrThrow();
        await using var writer = await files.ExistsAsync(session.Sha256, cancellationToken) ? null : chunks.Write(session.Tenant);
        await using var intake = new ByteIntake(session.Size, writer is null ? null : writer.WriteAsync);
        await fill(intake);
        var digest = await intake.FinishAsync();
        if (digest.Error is null && digest.Value != announced)
        {
            return ArtifactsErrors.WrongBytes(announced, digest.Value);
        }

        if (digest.Error is null)
        {
            var layout = writer is null ? null : await writer.FinishAsync(cancellationToken);
            await files.AddAsync(new(session.Tenant, announced, session.Size, session.Hint, layout), session, cancellationToken);
        }

        return digest;
    }

    private async Task TakePartsAsync(IReadOnlyList<UploadPart> parts, ByteIntake intake, CancellationToken cancellationToken)
    {
        foreach (var part in parts)
        {
            // Gone: sent again, or completed by someone else, while we were reading.
            using var reader = await objects.OpenAsync(ObjectKey.FromStored(part.Object), cancellationToken)
                ?? throw new ErrorException(ArtifactsErrors.PartChanged(part.Number));
            await using var stream = reader.OpenStream();
            await intake.TakeAsync(stream, cancellationToken);
        }
    }

    private async Task KeepPartAsync(UploadSession session, int number, string etag, ObjectKey key, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var before = await context.Parts.Where(part => part.Session == session.Id && part.Number == number).ToListAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO upload_parts (session, number, etag, object) VALUES ({session.Id}, {number}, {etag}, {key.Value})
            ON CONFLICT (session, number) DO UPDATE SET etag = excluded.etag, object = excluded.object
            """,
            cancellationToken);
        await DeleteAsync(before, cancellationToken);
    }

    private async Task<IReadOnlyList<UploadPart>> PartsAsync(UploadSession session, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Parts.Where(part => part.Session == session.Id).OrderBy(part => part.Number).ToListAsync(cancellationToken);
    }

    private async Task ForgetPartsAsync(UploadSession session, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.Parts.Where(part => part.Session == session.Id).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task DeleteAsync(IReadOnlyList<UploadPart> parts, CancellationToken cancellationToken)
    {
        foreach (var part in parts)
        {
            await objects.DeleteAsync(ObjectKey.FromStored(part.Object), cancellationToken);
        }
    }
}
