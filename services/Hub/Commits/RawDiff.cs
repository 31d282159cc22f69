using System.Globalization;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Hub.Commits;

/// <summary>Files that differ, in the lines of the protocol's raw form.</summary>
internal static class RawDiff
{
    private const string Nothing = "0000000000000000000000000000000000000000";

    /// <summary>As the public hub writes it: text or binary, the size it has now, and then git's raw line.</summary>
    public static string LineOf(FileChange change)
    {
        var letter = Letter(change);
        var paths = change.Kind is FileChangeKind.Renamed ? $"{change.Before.Path}\t{change.After.Path}" : (change.After ?? change.Before).Path;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(change.Binary ? 'B' : 'T')} {change.After?.Size ?? 0}\t:{change.ModeBefore} {change.ModeAfter} {change.Before?.Oid ?? Nothing}... {change.After?.Oid ?? Nothing}... {letter}\t{paths}\n");
    }

    private static string Letter(FileChange change) => change.Kind switch
    {
        FileChangeKind.Added => "A",
        FileChangeKind.Deleted => "D",
        FileChangeKind.Renamed => "R100",
        // The first half of a mode says what the thing is: a file, a link.
        _ => change.ModeBefore[..3] == change.ModeAfter[..3] ? "M" : "T",
    };
}
