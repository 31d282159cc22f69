using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting.Telemetry;

/// <summary>
/// <c>GET /metrics</c>: what the process measures, in Prometheus' text format. On the inside for scrapers, who bring no token, and for whoever
/// has a service's or an operator's; at the front door, where strangers come, for operators only.
/// </summary>
internal static class MetricsEndpoint
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapMetrics(bool isFrontDoor) => routes
            .MapGet("/metrics", (RequestDelegate)(context => AnswerAsync(context, isFrontDoor))).WithMetadata(OpenEndpoint.Mark);
    }

    private static Task AnswerAsync(HttpContext context, bool isFrontDoor)
    {
        var caller = context.Features.Get<Caller>();
        if (isFrontDoor ? caller is not { IsOperator: true } : caller is { IsService: false, IsOperator: false })
        {
            return HttpErrors.WriteAsync(context, Error.NotFound("NO_SUCH_PATH", "there is nothing here"));
        }

        context.Response.ContentType = PrometheusText.ContentType;
        return context.Response.WriteAsync(MetricsCollector.Shared.Scrape(), context.RequestAborted);
    }
}
