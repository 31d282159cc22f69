using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Hosting.Telemetry;

/// <summary><c>GET /metrics</c>: what the process measures, in Prometheus' text format.</summary>
internal static class MetricsEndpoint
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapMetrics() => routes.MapGet("/metrics", (RequestDelegate)AnswerAsync).WithMetadata(OpenEndpoint.Mark);
    }

    private static Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = PrometheusText.ContentType;
        return context.Response.WriteAsync(MetricsCollector.Shared.Scrape(), context.RequestAborted);
    }
}
