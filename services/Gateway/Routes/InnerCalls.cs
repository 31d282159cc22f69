using System.Collections.Frozen;
using ModelGarden.Contracts.V1;
using ModelGarden.Gateway.Credentials;
using ModelGarden.Kernel;

namespace ModelGarden.Gateway.Routes;

/// <summary>What services ask each other on behalf of a caller, nobody asks from outside: whether he may have the answer is for the service that asks to say.</summary>
internal static class InnerCalls
{
    // Services find their methods in any case, and with a slash behind.
    private static readonly FrozenSet<string> Paths = GardenProxy.GrpcServices.SelectMany(service => service.Methods)
        .Where(method => method.GetOptions()?.GetExtension(AccessExtensions.Access).Inner is true)
        .Select(method => $"/{method.Service.FullName}/{method.Name}").ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static Task RefuseAsync(HttpContext context, RequestDelegate next) => Paths.Contains(context.Request.Path.ToString().TrimEnd('/'))
        ? Refusal.WriteAsync(context, Error.Denied("SERVICES_ONLY", "only services of this garden may call this"), StatusCodes.Status403Forbidden)
        : next(context);
}
