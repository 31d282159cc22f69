using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Quotas;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Uploads;

/// <summary>Takes in files and parts of files. What is acknowledged is on the disk, verified; what is refused leaves nothing.</summary>
internal sealed class UploadReceiver(IObjectStore objects, ChunkStore chunks, StoredFiles files, UploadParts parts, StorageQuotas quotas, ArtifactsMetrics metrics)
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

    /// <summary>One part; answers its digest. Sent again, the last one counts.</summary>
    public async Task<Result<Sha256Digest>> TakePartAsync(UploadSession session, int number, Stream body, CancellationToken cancellationToken)
    {
        var part = await WriteAsync(session, number, null, body, cancellationToken);
        if (part.Error is { } error)
        {
            return error;
        }

        await parts.ReplaceAsync(part.Value, cancellationToken);
        return Sha256Digest.Create(part.Value.Etag.Trim('"'));
    }

    /// <summary>The part at an offset, if it has this digest and no other has come to its place meanwhile: then false.</summary>
    public async Task<Result<bool>> TakeNextAsync(UploadSession session, long offset, Sha256Digest digest, Stream body, CancellationToken cancellationToken)
    {
        var part = await WriteAsync(session, session.PartAt(offset), digest, body, cancellationToken);
        return part.Error is { } error ? error : await parts.TryAddAsync(part.Value, cancellationToken);
    }

    /// <summary>Makes the file of all parts, in the order of their numbers.</summary>
    public async Task<Result<Sha256Digest>> PutTogetherAsync(UploadSession session, CancellationToken cancellationToken)
    {
        var sent = await parts.ListAsync(session, cancellationToken);
        if (Enumerable.Range(1, session.PartCount).Except(sent.Select(part => part.Number)).FirstOrDefault() is var missing and > 0)
        {
            return ArtifactsErrors.PartMissing(missing, "has not come");
        }

        var stored = await StoreAsync(session, intake => TakePartsAsync(sent, intake, cancellationToken), cancellationToken);
        if (stored.Error is not null)
        {
            await parts.ForgetAsync(session, sent, cancellationToken);
        }

        await parts.DeleteAsync(sent, cancellationToken);
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

        if (digest.Error is not null)
        {
            return digest;
        }

        var layout = writer is null ? null : await writer.FinishAsync(cancellationToken);
        return await files.AddAsync(new(session.Tenant, announced, session.Size, layout), session, cancellationToken) is { } refusal ? refusal : digest;
    }

    /// <summary>Writes a part, which is none before its row is written.</summary>
    private async Task<Result<UploadPart>> WriteAsync(UploadSession session, int number, Sha256Digest? expected, Stream body, CancellationToken cancellationToken)
    {
        var (key, length) = (ObjectKey.OfPart(session.Id, number), session.LengthOfPart(number));
        if (await quotas.SentRefusalAsync(session.Tenant, length, cancellationToken) is { } full)
        {
            return full;
        }

        await using var writer = await objects.CreateAsync(key, cancellationToken);
        await using var intake = new ByteIntake(length, writer.WriteAsync);
        await intake.TakeAsync(body, cancellationToken);
        var digest = await intake.FinishAsync();
        if (digest.Error is { } error)
        {
            return error;
        }

        if (expected is { } announced && digest.Value != announced)
        {
            return ArtifactsErrors.DigestMismatch(announced, digest.Value);
        }

        await writer.CommitAsync(cancellationToken);
        metrics.Received(length);
        return new UploadPart { Session = session.Id, Number = number, Etag = $"\"{digest.Value}\"", Object = key.Value };
    }

    private async Task TakePartsAsync(IReadOnlyList<UploadPart> sent, ByteIntake intake, CancellationToken cancellationToken)
    {
        foreach (var part in sent)
        {
            // Gone: sent again, or completed by someone else, while we were reading.
            using var reader = await objects.OpenAsync(ObjectKey.FromStored(part.Object), cancellationToken)
                ?? throw new ErrorException(ArtifactsErrors.PartChanged(part.Number));
            await using var stream = reader.OpenStream();
            await intake.TakeAsync(stream, cancellationToken);
        }
    }
}
