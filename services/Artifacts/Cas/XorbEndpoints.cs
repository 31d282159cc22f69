using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Quotas;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>Xorbs in, as they are.</summary>
internal sealed class XorbEndpoints(CasDesk desk, Xorbs xorbs, IObjectStore objects, StorageQuotas quotas, ArtifactsMetrics metrics, IOptions<ArtifactsOptions> options)
{
    /// <summary>Takes a xorb, if every byte of it is right; what lies is refused whole (xet.md 3.5).</summary>
    public async Task PostAsync(HttpContext context)
    {
        var (access, hash) = (desk.Admit(context, write: true), CasDesk.HashOf(context));
        if (await quotas.FullAsync(access.Tenant, context.RequestAborted) is { } full)
        {
            throw new ErrorException(full);
        }

        // One that does not say how long it is may be as long as any.
        if (await quotas.SentRefusalAsync(access.Tenant, context.Request.ContentLength ?? CasLimits.Xorb.Bytes, context.RequestAborted) is { } refusal)
        {
            throw new ErrorException(refusal);
        }

        var isNew = await desk.InTimeAsync(context, CasLimits.Xorb, (body, cancellationToken) => ReceiveAsync(access, hash, body, cancellationToken));
        await context.Response.WriteAsJsonAsync(new(isNew), CasJson.Default.Inserted, cancellationToken: context.RequestAborted);
    }

    /// <summary>
    /// For those who may send it: readers of one repository are not told what else its owner has. The length is that of its chunks as they are, for how they are stored
    /// may be another tenant's choice.
    /// </summary>
    public async Task HeadAsync(HttpContext context)
    {
        var (access, hash) = (desk.Admit(context, write: true), CasDesk.HashOf(context));
        var xorb = (access.Bound.Length > 0 ? null : await xorbs.FindOfTenantAsync(access.Tenant, hash, context.RequestAborted)) ?? throw new ErrorException(CasErrors.XorbNotFound(hash));
        context.Response.ContentLength = SentChunks.Length(xorb.Index.Count, xorb.Index.UnpackedStart(xorb.Index.Count));
    }

    /// <summary>False: this tenant had sent it before. Whether others have is not told: it is taken, and answered, as if nobody had.</summary>
    private async Task<bool> ReceiveAsync(XetAccess access, XetHash hash, Stream body, CancellationToken cancellationToken)
    {
        var known = await xorbs.FindOfTenantAsync(access.Tenant, hash, cancellationToken) is not null;
        var key = ObjectKey.OfXorb();
        await using var writer = await objects.CreateAsync(key, cancellationToken);
        using var intake = new XorbIntake();
        var index = (await intake.TakeAsync(hash, body, writer, cancellationToken)).OrThrow();
        await writer.CommitAsync(cancellationToken);
        metrics.Received(index.Length);

        // It is in the store: a client that goes now must not keep it from being written down, or from being deleted.
        if ((await xorbs.AddAsync(index, key, access.Tenant, options.Value.XetGrace, CancellationToken.None)).Object != key)
        {
            await objects.DeleteAsync(key, CancellationToken.None);
        }

        return !known;
    }
}
