using ModelGarden.Hosting.Access;

namespace ModelGarden.Hub.Files;

/// <summary>Who may have what has not been found clean.</summary>
internal static class Downloads
{
    /// <summary>Those whose file it is, and those who review it.</summary>
    public static bool MayReadUnclean(Caller caller, string repository) =>
        caller.IsCurator || caller.IsOf(repository[..repository.IndexOf('/', StringComparison.Ordinal)]);
}
