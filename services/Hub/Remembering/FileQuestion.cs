using System.Runtime.CompilerServices;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Hub.Remembering;

/// <summary>Which file is asked for, and by whom: the answer may depend on all that the caller is.</summary>
internal readonly record struct FileQuestion(string Caller, RepositoryKind Kind, string Repository, string Revision, string Path)
{
    // A token's principal is one object for as long as the token is remembered.
    private static readonly ConditionalWeakTable<Principal, string> Views = [];

    /// <summary>All of a caller that answers depend on. Two tokens of one account with the same scopes are one.</summary>
    public static string ViewOf(Caller caller) => Views.GetValue(caller.Principal, who =>
        $"{who.Kind:d} {who.Tenant}/{who.Name} {string.Join(',', who.Roles)} {string.Join(',', who.Scopes)} {who.Repository}");
}
