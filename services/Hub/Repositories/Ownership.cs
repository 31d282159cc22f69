using ModelGarden.Hosting.Access;
using ModelGarden.Hub.Routing;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Repositories;

/// <summary>Who may write, said before anything is sent; Catalog has the last word.</summary>
internal static class Ownership
{
    /// <summary>The namespace of a repository's whole name.</summary>
    public static string OwnerOf(string repository) => repository[..repository.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>The namespace that a client means by this name; null: it names none. To the protocol an account is one as well, which clients take where they are told none; here only organisations have one.</summary>
    public static string NamespaceOf(HubRequest request, string? name) => request.Caller is { IsAnonymous: false, IsOperator: false, Principal: var own } && (name ?? own.Name) == own.Name
        ? own.Tenant
        : name ?? request.Caller.Principal.Tenant;

    public static void Check(HubRequest request, string repository)
    {
        var caller = request.Caller;
        var owner = OwnerOf(repository);
        var refusal = caller switch
        {
            { IsAnonymous: true } => Error.Unauthenticated("SIGN_IN", "writing needs a token: send 'Authorization: Bearer hf_garden_…'"),
            _ when !caller.IsOf(owner) => Error.Denied("NOT_YOUR_NAMESPACE", $"{caller.Principal.Name} belongs to {caller.Principal.Tenant} and cannot write to {repository}: only members of {owner} can"),
            _ when !caller.HasScope(Scopes.Write) => Error.Denied("SCOPE_MISSING", "the token lacks the scope 'write': make one that has it"),
            _ => null,
        };
        if (refusal is not null)
        {
            throw new ErrorException(refusal);
        }
    }
}
