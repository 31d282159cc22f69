using ModelGarden.Deployment.Endpoints;
using ModelGarden.Kernel;

namespace ModelGarden.Deployment;

/// <summary>The refusals of this service.</summary>
internal static class DeploymentErrors
{
    public static Error NotFound(EndpointKey key) =>
        Error.NotFound("ENDPOINT_NOT_FOUND", $"there is no endpoint '{key.Name}' in {key.Tenant}");

    public static Error Exists(EndpointKey key) => Error.Exists(
        "ENDPOINT_EXISTS", $"endpoint '{key.Name}' in {key.Tenant} is there already with another wish: update it, delete it, or take another name");

    public static Error BeingDeleted(EndpointKey key) => Error.Exists(
        "ENDPOINT_EXISTS", $"endpoint '{key.Name}' in {key.Tenant} is being deleted: its running calls end first, try again in half a minute");

    public static Error NoTenant() => Error.Denied("NO_TENANT", "endpoints belong to a tenant: call with the token of one of its members");

    public static Error TooMany(string tenant, int limit) => Error.Exhausted(
        "TOO_MANY_ENDPOINTS", $"{tenant} has {limit} endpoints, the most that this garden allows (Garden:Deployment:MaximumEndpoints): delete one first");

    public static Error NoCommit(string repository) => Error.NotFound("REVISION_NOT_FOUND", $"{repository} has no commit yet: upload its files first");

    public static Error TooManyFiles(string repository, int limit) => Error.Invalid(
        "TOO_MANY_FILES", $"{repository} has more than {limit} files at that revision: deploy from a repository that holds only the model");
}
