using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Errors;
using ModelGarden.Hub.Repositories;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Files;

/// <summary>Who may have what has not been found clean.</summary>
internal static class Downloads
{
    /// <summary>Engineers and admins of its owner, and curators.</summary>
    public static bool MayReadUnclean(Caller caller, string repository) => caller.Reviews(Ownership.OwnerOf(repository));

    /// <summary>Refuses a file that is not clean as it is called there, to all others.</summary>
    public static void Require(TreeEntry entry, Caller caller, string repository)
    {
        if (entry.Verdict is not Verdict.Clean && !MayReadUnclean(caller, repository))
        {
            throw new ErrorException(FileErrors.NotClean($"'{Text.Shorten(entry.Path)}'", entry.Verdict, entry.Finding));
        }
    }
}
