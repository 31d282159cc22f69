using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ModelGarden.Artifacts;

/// <summary>Files are of any size and lines of any speed: what bounds them is not the server's defaults.</summary>
internal static class ConnectionLimits
{
    /// <summary>The length of the body is checked by whoever reads it.</summary>
    public static void UnboundRequest(this HttpContext context)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    public static void UnboundResponse(this HttpContext context)
    {
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }
}
