using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Uploads;

/// <summary>
/// Who sends files: a tenant, by a token for all that it has or for one of its repositories. The latter is told of files alone that were sent by tokens for the same repository: of others their digest proves nothing.
/// </summary>
/// <param name="Tenant">In lower case.</param>
/// <param name="Repository">In lower case; empty: the token is for all.</param>
internal sealed record Sender(string Tenant, string Repository)
{
    public bool IsBound => Repository.Length > 0;

    public static Result<Sender> Of(Caller caller)
    {
        var tenant = caller.Principal.Tenant.Length is 0 ? ArtifactsErrors.NoTenant : TenantName.Create(caller.Principal.Tenant);
        return tenant.Error is { } error ? error : Of(tenant.Value, caller.Principal.Repository);
    }

    public static Sender Of(TenantName tenant, string repository = "") => new(tenant.Value.ToLowerInvariant(), repository.ToLowerInvariant());
}
