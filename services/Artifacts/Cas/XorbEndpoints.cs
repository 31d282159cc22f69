using System.Buffers;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Downloads;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Urls;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>Xorbs in and out as they are.</summary>
internal sealed class XorbEndpoints(CasDesk desk, UrlSigner signer, Xorbs xorbs, IObjectStore objects, ArtifactsMetrics metrics)
{
    private const int ReadSize = 256 << 10;

    /// <summary>Takes a xorb, if every byte of it is right; what lies is refused whole (xet.md 3.5).</summary>
    public async Task PostAsync(HttpContext context)
    {
        var (access, hash) = (desk.Admit(context, write: true), CasDesk.HashOf(context));
        context.UnboundRequest();
        var known = await xorbs.FindOfTenantAsync(access.Tenant, hash, context.RequestAborted) is not null;
        await ReceiveAsync(access, hash, context.Request.Body, context.RequestAborted);
        await context.Response.WriteAsJsonAsync(new(!known), CasJson.Default.Inserted, cancellationToken: context.RequestAborted);
    }

    public async Task HeadAsync(HttpContext context)
    {
        var (access, hash) = (desk.Admit(context, write: false), CasDesk.HashOf(context));
        var xorb = await xorbs.FindOfTenantAsync(access.Tenant, hash, context.RequestAborted) ?? throw new ErrorException(CasErrors.XorbNotFound(hash));
        context.Response.ContentLength = xorb.Index.Length;
    }

    /// <summary>Bytes of a stored xorb by a signed URL: the ranges that stand in it, or some of them.</summary>
    public async Task GetRangesAsync(HttpContext context)
    {
        signer.Check(UrlUse.Xorb, context.Request).OrThrow();
        var hash = CasDesk.HashOf(context);

        // Rewritten since the URL was made: clients that are refused ask for the file's reconstruction again.
        var xorb = await xorbs.FindAsync(hash, context.RequestAborted) ?? throw new ErrorException(ArtifactsErrors.UrlExpired);
        using var reader = await objects.OpenAsync(xorb.Object, context.RequestAborted) ?? throw xorbs.Missing(xorb);
        var granted = ByteRanges.Read($"bytes={context.Request.RouteValues["ranges"]}", xorb.Index.Length) ?? [];
        var asked = context.Request.Headers.Range.Count > 0 ? ByteRanges.Read(context.Request.Headers.Range.ToString(), xorb.Index.Length) : granted;
        if (asked is null || !asked.All(range => granted.Any(grant => grant.First <= range.First && range.Last <= grant.Last)))
        {
            throw new ErrorException(CasErrors.RangeNotAllowed);
        }

        context.UnboundResponse();
        await new RangeAnswer(context, new ObjectSource(reader), metrics).SendAsync(asked);
    }

    private async Task ReceiveAsync(XetAccess access, XetHash hash, Stream body, CancellationToken cancellationToken)
    {
        var key = ObjectKey.OfXorb();
        await using var writer = await objects.CreateAsync(key, cancellationToken);
        using var reader = new XorbReader();
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            while (await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken) is var read and > 0)
            {
                if (reader.Append(buffer.AsSpan(0, read)) is { } fault)
                {
                    throw new ErrorException(fault);
                }

                // A footer, which no client sends, stays behind the last chunk: nothing refers to it.
                await writer.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        var index = reader.Complete(hash).OrThrow();
        await writer.CommitAsync(cancellationToken);
        metrics.Received(index.Length);
        if ((await xorbs.AddAsync(index, key, access.Tenant, cancellationToken)).Object != key)
        {
            await objects.DeleteAsync(key, cancellationToken);
        }
    }
}
