using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Routing;

/// <summary>
/// Finds the operation of every request that no endpoint of the house takes, and answers whatever goes wrong in the protocol's own words.
/// It stands in place of ASP.NET's routing, which decodes <c>%2F</c> before it splits.
/// </summary>
internal sealed partial class HubRouter(RequestDelegate next, RouteTable routes, PublicAddress addresses, HubMetrics metrics, ILogger<HubRouter> logger)
{
    /// <summary>Asks git for a name and a token; any name will do.</summary>
    public const string Challenge = "Basic realm=\"garden: any name, and a token as password\", charset=\"UTF-8\"";

    private const string RequestId = "X-Request-Id";
    private const int RetryAfterSeconds = 2;
    private static readonly object OperationKey = new();

    public async Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint() is not null || IsGrpc(http))
        {
            await next(http);
            return;
        }

        http.Response.Headers[RequestId] = Activity.Current?.TraceId.ToHexString() ?? ActivityTraceId.CreateRandom().ToHexString();
        try
        {
            await ServeAsync(http);
        }
        catch (Exception exception) when (!http.Response.HasStarted && ToRefusal(exception, http) is { } refusal)
        {
            if (refusal.Status is 401 && (http.Items[OperationKey] as string)?.Contains("/info/lfs/", StringComparison.Ordinal) is true)
            {
                http.Response.Headers.WWWAuthenticate = http.Response.Headers["LFS-Authenticate"] = Challenge;
            }

            await http.WriteAsync(refusal);
        }
        finally
        {
            metrics.Served(http.Items[OperationKey] as string ?? "none", http.Response.StatusCode);
        }
    }

    private async Task ServeAsync(HttpContext http)
    {
        var path = RawPath.Parse(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget).OrThrow();
        var (found, verbs) = routes.Find(http.Request.Method, path);
        if (found is null)
        {
            await RefuseAsync(http, path, verbs);
            return;
        }

        http.Items[OperationKey] = $"{http.Request.Method} {found.Route.Pattern}";
        var request = new HubRequest(http, found, addresses.Of(http).OrThrow());
        if (found.Route.NamesRepository && http.Request.Method is "GET" or "HEAD")
        {
            MovedRepositories.Allow(http);
        }

        try
        {
            await found.Route.Handle(request);
        }
        catch (RepositoryMovedException moved) when (!http.Response.HasStarted)
        {
            request.SendTo(moved.Name);
        }
    }

    private static Task RefuseAsync(HttpContext http, IReadOnlyList<string> path, IReadOnlyCollection<string> verbs)
    {
        var name = Text.Shorten(string.Join('/', path), 200);
        if (verbs.Count is 0)
        {
            return http.WriteAsync(new(404, null, $"'/{name}' is not served: this garden does not serve that part of the protocol"));
        }

        http.Response.Headers.Allow = string.Join(", ", verbs);
        return http.WriteAsync(new(405, null, $"'/{name}' takes {string.Join(", ", verbs)}"));
    }

    private Refusal? ToRefusal(Exception exception, HttpContext http)
    {
        switch (exception)
        {
            case ErrorException { Error: var error }:
                var refused = Refusal.From(error, http.Features.Get<Caller>() is null or { IsAnonymous: true });
                return refused with { RetryAfterSeconds = refused.Status is 429 or 503 ? RetryAfterSeconds : 0 };
            case RefusalException { Refusal: var refusal }:
                return refusal;
            case BadHttpRequestException { StatusCode: 413 }:
                return new(413, null, "the request's body is too large: send less at once");
            case BadHttpRequestException bad:
                return new(bad.StatusCode, null, $"the request is malformed: {bad.Message}");
            case OperationCanceledException when http.RequestAborted.IsCancellationRequested:
                return null;
            default:
                LogFailed(exception, http.Request.Method, Text.Shorten(http.Request.Path.Value, 200));
                return new(500, null, "an unexpected error; the service's log has it");
        }
    }

    private static bool IsGrpc(HttpContext http) => http.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) is true;

    [LoggerMessage(1101, LogLevel.Error, "{Verb} {Path} failed unexpectedly")]
    private partial void LogFailed(Exception exception, string verb, string path);
}
