using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting.Telemetry;

/// <summary>
/// <c>GET /metrics</c>: what the process measures, in Prometheus' text format. For scrapers on the inside, who bring no token; what comes
/// through the Gateway always has one (the Hub is given every path that nobody else claims), and is answered to operators only.
/// </summary>
internal static class MetricsEndpoint
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapMetrics() => routes.MapGet("/metrics", (RequestDelegate)AnswerAsync).WithMetadata(OpenEndpoint.Mark);
    }

    private static Task AnswerAsync(HttpContext context)
    {
        if (context.Features.Get<Caller>() is { IsService: false, IsOperator: false })
        {
            return HttpErrors.WriteAsync(context, Error.NotFound("NO_SUCH_PATH", "there is nothing here"));
        }

        context.Response.ContentType = PrometheusText.ContentType;
        return context.Response.WriteAsync(MetricsCollector.Shared.Scrape(), context.RequestAborted);
    }
}
