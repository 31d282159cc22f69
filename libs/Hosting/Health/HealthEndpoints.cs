using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Hosting.Health;

/// <summary>Health over plain HTTP: <c>/healthz/live</c> for who restarts a hung process, <c>/healthz</c> for who sends it requests.</summary>
internal static class HealthEndpoints
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapHealthEndpoints()
        {
            routes.MapGet("/healthz/live", (RequestDelegate)(context => context.Response.WriteAsync("alive"))).WithMetadata(OpenEndpoint.Mark);
            routes.MapGet("/healthz", (RequestDelegate)AnswerAsync).WithMetadata(OpenEndpoint.Mark);
        }
    }

    private static Task AnswerAsync(HttpContext context)
    {
        var waiting = context.RequestServices.GetRequiredService<Readiness>().Waiting;
        context.Response.StatusCode = waiting.Count is 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync(waiting.Count is 0 ? "ready" : $"waiting for {string.Join(", ", waiting)}");
    }
}
