using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Files;

/// <summary>Who may have what has not been found clean.</summary>
internal static class Downloads
{
    /// <summary>Engineers and admins of its owner, and curators.</summary>
    public static bool MayReadUnclean(Caller caller, string repository) => caller.Reviews(repository[..repository.IndexOf('/', StringComparison.Ordinal)]);

    /// <summary>Refuses a file that is not clean as it is called there, to all others.</summary>
    public static void Require(TreeEntry entry, Caller caller, string repository)
    {
        if (entry.Verdict is not Verdict.Clean && !MayReadUnclean(caller, repository))
        {
            throw new ErrorException(Error.Denied("FILE_NOT_CLEAN", entry.Verdict is Verdict.Suspicious or Verdict.Malicious
                ? $"'{Text.Shorten(entry.Path)}' was found {entry.Verdict.ToString().ToLowerInvariant()}: {entry.Finding?.Message ?? "see its findings"}; only reviewers may read it"
                : $"'{Text.Shorten(entry.Path)}' has not been examined yet: try again soon"));
        }
    }
}
