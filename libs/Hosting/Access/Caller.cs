using Grpc.Core;
using Microsoft.AspNetCore.Http;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Hosting.Access;

/// <summary>The one on whose behalf a request runs: what its internal token says, and the token itself to hand on to other services.</summary>
public sealed record Caller(Principal Principal, string InternalToken)
{
    /// <summary>Who proved himself within this time need not do it again for what is dangerous.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromMinutes(15);

    public bool IsOperator => HasRole(Roles.Operator);

    public bool IsCurator => HasRole(Roles.Curator) || IsOperator;

    public bool IsService => Principal.Kind is PrincipalKind.Service;

    /// <summary>Not signed in; a kind that is not known counts as that.</summary>
    public bool IsAnonymous => Principal.Kind is not (PrincipalKind.Person or PrincipalKind.ServiceAccount or PrincipalKind.Service);

    public bool HasRole(string role) => Principal.Roles.Contains(role);

    public bool HasScope(string scope) => Principal.Scopes.Contains(scope);

    /// <summary>The caller belongs to this tenant.</summary>
    public bool IsOf(string tenant) => Principal.Tenant.Length > 0 && string.Equals(Principal.Tenant, tenant, StringComparison.OrdinalIgnoreCase);

    /// <summary>The caller's token is for one repository alone.</summary>
    public bool IsBound => Principal.Repository.Length > 0;

    /// <summary>Why a call about a repository is not for the caller's token; null: it is.</summary>
    /// <param name="repository">Its name; empty: the call says none, which a bound token may not make.</param>
    /// <param name="kind">What it is: a data set may have the name of a model.</param>
    public Error? BoundFault(string repository = "", RepositoryKind kind = RepositoryKind.Model) => !IsBound || string.Equals(RepositoryPaths.PrefixOf(kind) + repository, Principal.Repository, StringComparison.OrdinalIgnoreCase)
        ? null
        : Error.Denied("OTHER_REPOSITORY", $"this token is for {Principal.Repository} alone: use another one for anything else");

    /// <summary>Why a person who is signed in by a session proves himself anew before what is dangerous; null: he need not. Whoever comes with a token has what its scopes give him.</summary>
    public Error? StepUpFault(DateTimeOffset now) => Principal.SessionId.Length is 0 || Principal.ProvedAt?.ToDateTimeOffset() + Fresh >= now ? null : StepUpNeeded();

    /// <summary>What he is told then.</summary>
    public static Error StepUpNeeded() =>
        Error.Denied("STEP_UP_NEEDED", "this is asked again of whoever signed in a while ago: confirm that it is you at /account/confirm, then try again");

    /// <summary>The caller brings in files for this tenant, or decides what the garden shows: he may have files that were not found clean, to look at them.</summary>
    public bool Reviews(string tenant) => MayLookInside && (IsCurator || (IsOf(tenant) && (HasRole(Roles.Engineer) || HasRole(Roles.Admin))));

    /// <summary>The token may be used to look at what is not public.</summary>
    public bool MayLookInside => HasScope(Scopes.Read) || HasScope(Scopes.Write) || HasScope(Scopes.Curate);

    /// <summary>Why the caller may not write below a namespace, nor decide who may read what is gated there; null: he may.</summary>
    public Error? WriteFault(TenantName owner) => this switch
    {
        { IsService: true } => null,
        _ when !HasScope(Scopes.Write) => Error.Denied("SCOPE_MISSING", "the token lacks the scope 'write': make one that has it"),
        { IsOperator: true } => null,
        _ when !IsOf(owner.Value) => Error.Denied(
            "NOT_YOUR_NAMESPACE", $"only members of {owner} and operators write below '{owner}/': {Principal.Name} belongs to {Principal.Tenant}"),
        _ when HasRole(Roles.Engineer) || HasRole(Roles.Admin) => null,
        _ => Error.Denied("ROLE_MISSING", $"{Principal.Name} is neither engineer nor admin of {owner}: its admin can give the role"),
    };

    public override string ToString() => $"{Principal.Kind} {Principal.Tenant}/{Principal.Name}";
}

/// <summary>The roles there are; see <c>Entitlement.SetMember</c> for who gives them.</summary>
public static class Roles
{
    public const string Operator = "operator";
    public const string Curator = "curator";
    public const string Auditor = "auditor";
    public const string Admin = "admin";
    public const string Legal = "legal";
    public const string Engineer = "engineer";

    public static IReadOnlyList<string> All { get; } = [Operator, Curator, Auditor, Admin, Legal, Engineer];
}

/// <summary>What a token may be used for.</summary>
public static class Scopes
{
    public const string Read = "read";
    public const string Write = "write";
    public const string Deploy = "deploy";
    public const string Call = "call";
    public const string Curate = "curate";
    public const string Admin = "admin";

    public static IReadOnlyList<string> All { get; } = [Read, Write, Deploy, Call, Curate, Admin];
}

/// <summary>Finds the caller where a request is at hand.</summary>
public static class CallerExtensions
{
    /// <summary>The caller; requests without one do not get as far as a method or endpoint that asks.</summary>
    public static Caller GetCaller(this HttpContext context) => context.Features.Get<Caller>()
        ?? throw new ErrorException(Error.Unauthenticated("NO_INTERNAL_TOKEN", "this service is called through the gateway, or by a service with its own token"));

    public static Caller GetCaller(this ServerCallContext context) => context.GetHttpContext().GetCaller();
}
