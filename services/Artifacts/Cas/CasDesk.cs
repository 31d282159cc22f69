using ModelGarden.Hosting;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>What every request of the Xet protocol needs: who asks, for what, and where URLs lead.</summary>
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

    public XorbAddress AddressOf(HttpContext context, XetAccess access) =>
        new(addresses.Of(context).OrThrow(), access.Tenant, DateTimeOffset.FromUnixTimeSeconds((clock.GetUtcNow() + UrlLifetime).ToUnixTimeSeconds()));

    /// <summary>A body of some length, whole.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context, int limit, Error tooLong)
    {
        context.UnboundRequest();
        if (context.Request.ContentLength > limit)
        {
            throw new ErrorException(tooLong);
        }

        using var body = new MemoryStream((int)(context.Request.ContentLength ?? 0));
        var buffer = new byte[Math.Min(limit, 64 << 10)];
        while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is var read and > 0)
        {
            if (body.Length + read > limit)
            {
                throw new ErrorException(tooLong);
            }

            body.Write(buffer.AsSpan(0, read));
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }
}
