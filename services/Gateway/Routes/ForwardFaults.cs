using ModelGarden.Gateway.Credentials;
using ModelGarden.Kernel;
using Yarp.ReverseProxy.Forwarder;

namespace ModelGarden.Gateway.Routes;

/// <summary>Says that a service cannot be reached in the words of the protocol that knocked, where YARP would answer with a status alone.</summary>
internal static class ForwardFaults
{
    public static async Task TellAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        var response = context.Response;
        if (context.Features.Get<IForwarderErrorFeature>() is null || response.HasStarted || context.RequestAborted.IsCancellationRequested
            || response.StatusCode < StatusCodes.Status500InternalServerError)
        {
            return;
        }

        var service = context.GetReverseProxyFeature().Cluster.Config.ClusterId.Split('-')[0];
        await Refusal.WriteAsync(context, ToError(service, response.StatusCode), response.StatusCode);
    }

    private static Error ToError(string service, int status) => status is StatusCodes.Status504GatewayTimeout
        ? Error.Unavailable("TIMEOUT", $"{service} did not answer in time: try again later")
        : Error.Unavailable("SERVICE_UNAVAILABLE", $"{service} is not reachable: try again in a moment");
}
