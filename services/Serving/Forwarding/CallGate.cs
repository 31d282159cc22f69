using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Rights.Local;
using ModelGarden.Serving.Endpoints;

namespace ModelGarden.Serving.Forwarding;

/// <summary>Whether a caller may call an endpoint: it is its tenant's, and Entitlement says yes (licence, scope, quota), or what is known of its word here.</summary>
internal sealed class CallGate(EndpointTable table, RightsDesk rights, TimeProvider clock)
{
    /// <param name="caller">Who calls.</param>
    /// <param name="name">The endpoint's name, with or without <c>tenant/</c> before it.</param>
    /// <param name="cancellationToken">The caller left.</param>
    public async Task<Admission> AdmitAsync(Caller caller, string name, CancellationToken cancellationToken)
    {
        if (caller.IsAnonymous)
        {
            return Admission.Refused(Error.Unauthenticated("SIGN_IN", "calls need a token: send 'Authorization: Bearer hf_garden_…'"));
        }

        if (caller.BoundFault() is { } bound)
        {
            return Admission.Refused(bound);
        }

        var tenant = caller.Principal.Tenant;
        var own = name.StartsWith(tenant + "/", StringComparison.OrdinalIgnoreCase) ? name[(tenant.Length + 1)..] : name;
        if (table.Find(tenant, own) is not { } endpoint)
        {
            return Admission.Refused(ServingErrors.NoEndpoint(tenant, name));
        }

        var decision = await rights.DecideAsync(caller, Contracts.V1.Action.Call, Resource.Of(endpoint), cancellationToken);
        return decision.Allowed
            ? new(new Call(caller, endpoint, clock.GetUtcNow()), null, 0)
            : Admission.Refused(ServingErrors.Refused(decision), decision.RetryAfterSeconds);
    }
}

/// <summary>An admitted call.</summary>
internal sealed record Call(Caller Caller, Endpoint Endpoint, DateTimeOffset StartedAt);

/// <summary>A call, or why there is none and after how many seconds it may be different (0: not by waiting).</summary>
internal sealed record Admission(Call? Call, Error? Error, int RetryAfterSeconds)
{
    public static Admission Refused(Error error, int retryAfterSeconds = 0) => new(null, error, retryAfterSeconds);
}
