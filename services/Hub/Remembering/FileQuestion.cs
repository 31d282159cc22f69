using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Hub.Remembering;

/// <summary>Which file is asked for, and by whom: the answer may depend on all that the caller is.</summary>
internal readonly record struct FileQuestion(string Caller, RepositoryKind Kind, string Repository, string Revision, string Path)
{
    /// <summary>All of a caller that answers depend on. Two tokens of one account with the same scopes are one.</summary>
    public static string ViewOf(Caller caller)
    {
        var who = caller.Principal;
        return $"{who.Kind:d} {who.Tenant}/{who.Name} {string.Join(',', who.Roles)} {string.Join(',', who.Scopes)}";
    }
}
