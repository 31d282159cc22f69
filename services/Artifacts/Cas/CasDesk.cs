using ModelGarden.Hosting;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>What every request of the Xet protocol needs: who asks, for what, what it may send, and where URLs lead.</summary>
internal sealed class CasDesk(XetTokens tokens, PublicAddress addresses, TimeProvider clock)
{
    /// <summary>
    /// Where the Gateway puts a request's bearer token: it is none of Identity's, so the request goes on as nobody's.
    /// </summary>
    public const string TokenHeader = "X-Garden-Xet-Token";

    private static readonly TimeSpan UrlLifetime = TimeSpan.FromHours(1);

    public XetAccess Admit(HttpContext context, bool write)
    {
        var access = tokens.Read(context.Request.Headers[TokenHeader].ToString()).OrThrow();
        return access.Write || !write ? access : throw new ErrorException(CasErrors.ReadOnly);
    }

    public static XetHash HashOf(HttpContext context) => XetHash.Create((string?)context.Request.RouteValues["hash"]).OrThrow();

    public SegmentAddress AddressOf(HttpContext context, XetAccess access) =>
        new(addresses.Of(context).OrThrow(), access.Tenant, access.AllowUnclean, DateTimeOffset.FromUnixTimeSeconds((clock.GetUtcNow() + UrlLifetime).ToUnixTimeSeconds()));

    /// <summary>Hands on the body of a request, which is known not to be too long if its length was announced, for as long as it may take to come.</summary>
    public async Task<T> InTimeAsync<T>(HttpContext context, BodyLimit limit, Func<Stream, CancellationToken, Task<T>> take)
    {
        context.UnboundRequest();
        if (context.Request.ContentLength > limit.Bytes)
        {
            throw new ErrorException(CasErrors.TooLong(limit));
        }

        return await context.InTimeAsync(clock, limit.Time, CasErrors.TooSlow(limit), cancellationToken => take(context.Request.Body, cancellationToken));
    }

    /// <summary>A body of some length, whole. Memory is taken as bytes come, not as they are announced.</summary>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context, BodyLimit limit)
    {
        var whole = await InTimeAsync(context, limit, (body, cancellationToken) => ReadAsync(body, limit, cancellationToken));
        return whole.GetBuffer().AsMemory(0, (int)whole.Length);
    }

    private static async Task<MemoryStream> ReadAsync(Stream body, BodyLimit limit, CancellationToken cancellationToken)
    {
        var (whole, buffer) = (new MemoryStream(), new byte[64 << 10]);
        while (await body.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            if (whole.Length + read > limit.Bytes)
            {
                throw new ErrorException(CasErrors.TooLong(limit));
            }

            whole.Write(buffer.AsSpan(0, read));
        }

        return whole;
    }
}
