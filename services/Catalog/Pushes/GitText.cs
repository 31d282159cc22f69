using System.Buffers.Text;
using System.Text;

namespace ModelGarden.Catalog.Pushes;

/// <summary>One line of a pushed tree.</summary>
internal readonly record struct PushedEntry(string Mode, string Name, ObjectId Id);

/// <summary>What matters of a pushed commit.</summary>
internal sealed record PushedCommit(ObjectId Tree, IReadOnlyList<ObjectId> Parents);

/// <summary>What matters of a pushed tag.</summary>
internal sealed record PushedTag(ObjectId Target, string Message);

/// <summary>
/// Reads what strangers' git sent, strictly: what is taken is what git itself would write and `git fsck` would let pass, and of that what the catalog
/// can keep. Nothing is mended, for then its id would be another.
/// </summary>
internal static class GitText
{
    public const int MaximumText = 96 << 10;
    private const int MaximumParents = 64;
    private const long LatestTime = 253_402_300_799;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static Result<List<PushedEntry>> ReadTree(ObjectId id, ReadOnlySpan<byte> content)
    {
        var entries = new List<PushedEntry>();
        ReadOnlySpan<byte> before = default;
        var wasFolder = false;
        for (var rest = content; rest.Length > 0;)
        {
            var (space, end) = (rest.IndexOf((byte)' '), rest.IndexOf((byte)0));
            if (space < 0 || end < space || rest.Length < end + 21)
            {
                return Error.Invalid("BAD_TREE", $"tree {id} is broken");
            }

            var bytes = rest[(space + 1)..end];
            var mode = Encoding.Latin1.GetString(rest[..space]);
            if (EntryFault(id, mode, bytes) is { } fault)
            {
                return fault;
            }

            var isFolder = mode is Objects.TreeItem.FolderMode;
            if (entries.Count > 0 && Compare(before, wasFolder, bytes, isFolder) >= 0)
            {
                return Error.Invalid("BAD_TREE", $"tree {id} is not in git's order at '{Text.Shorten(Strict.GetString(bytes))}', or has that name twice");
            }

            entries.Add(new(mode, Strict.GetString(bytes), ObjectId.Create(Convert.ToHexStringLower(rest.Slice(end + 1, 20))).Value));
            before = bytes;
            wasFolder = isFolder;
            rest = rest[(end + 21)..];
        }

        return SameName(entries) is { } twice ? Error.Invalid("BAD_TREE", $"tree {id} has '{Text.Shorten(twice)}' as a file and as a folder") : entries;
    }

    public static Result<PushedCommit> ReadCommit(ObjectId id, byte[] content)
    {
        var rest = content.AsSpan();
        var parents = new List<ObjectId>();
        if (TextFault("commit", id, content) is { } fault)
        {
            return fault;
        }

        if (TakeId(ref rest, "tree "u8) is not { } tree)
        {
            return Error.Invalid("BAD_COMMIT", $"commit {id} does not begin with a tree");
        }

        while (TakeId(ref rest, "parent "u8) is { } parent)
        {
            parents.Add(parent);
        }

        return parents.Count > MaximumParents ? Error.Invalid("BAD_COMMIT", $"commit {id} has {parents.Count} parents: at most {MaximumParents} are kept")
            : !TakePerson(ref rest, "author "u8) ? Error.Invalid("BAD_COMMIT", $"commit {id} has no author written 'author Name <address> seconds +0000'")
            : !TakePerson(ref rest, "committer "u8) ? Error.Invalid("BAD_COMMIT", $"commit {id} has no committer written 'committer Name <address> seconds +0000'")
            : rest.IndexOf("\n\n"u8) < 0 && !rest.StartsWith("\n"u8) ? Error.Invalid("BAD_COMMIT", $"commit {id} has no end of its headers")
            : new PushedCommit(tree, parents);
    }

    public static Result<PushedTag> ReadTag(ObjectId id, byte[] content)
    {
        var rest = content.AsSpan();
        if (TextFault("tag", id, content) is { } fault)
        {
            return fault;
        }

        if (TakeId(ref rest, "object "u8) is not { } target || !rest.StartsWith("type commit\ntag "u8))
        {
            return Error.Invalid("BAD_TAG", $"tag {id} does not name a commit: tags of tags, trees and files are not kept");
        }

        var end = rest.IndexOf("\n\n"u8);
        return new PushedTag(target, end < 0 ? "" : Encoding.UTF8.GetString(rest[(end + 2)..]).Trim('\n'));
    }

    private static Error? TextFault(string what, ObjectId id, byte[] content) =>
        content.Length > MaximumText ? Error.Invalid("BAD_COMMIT", $"{what} {id} has {content.Length} bytes: at most {MaximumText} are kept")
        : content.Contains((byte)0) ? Error.Invalid("BAD_COMMIT", $"{what} {id} has a zero byte")
        : null;

    private static Error? EntryFault(ObjectId tree, string mode, ReadOnlySpan<byte> bytes)
    {
        string name;
        try
        {
            name = Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Error.Invalid("BAD_PATH", $"tree {tree} has a name that is not UTF-8, '{Text.Shorten(Encoding.Latin1.GetString(bytes))}': rename it");
        }

        var path = FilePath.Create(name);
        return mode switch
        {
            "120000" => Error.Invalid("BAD_MODE", $"'{Text.Shorten(name)}' is a symbolic link, which is not kept: commit the file itself"),
            "160000" => Error.Invalid("BAD_MODE", $"'{Text.Shorten(name)}' is a submodule, which is not kept: commit its files, or leave it out"),
            not ("100644" or "100755" or Objects.TreeItem.FolderMode) => Error.Invalid("BAD_MODE", $"'{Text.Shorten(name)}' has the mode {Text.Shorten(mode)}: 100644, 100755 and folders are kept"),
            _ when path.Error is { } error => error,
            _ when name.Contains('/', StringComparison.Ordinal) => Error.Invalid("BAD_PATH", $"'{Text.Shorten(name)}' has a slash in a name"),
            _ => null,
        };
    }

    // git sorts by bytes, a folder as if its name ended in '/'.
    private static int Compare(ReadOnlySpan<byte> left, bool isLeftFolder, ReadOnlySpan<byte> right, bool isRightFolder)
    {
        var common = Math.Min(left.Length, right.Length);
        var order = left[..common].SequenceCompareTo(right[..common]);
        return order is not 0 ? order : Next(left, isLeftFolder) - Next(right, isRightFolder);

        int Next(ReadOnlySpan<byte> name, bool isFolder) => name.Length > common ? name[common] : isFolder ? '/' : 0;
    }

    // In git's order a file and a folder of one name need not be side by side.
    private static string? SameName(List<PushedEntry> entries)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        return entries.Find(entry => !names.Add(entry.Name)) is { Name: { } name } ? name : null;
    }

    private static ObjectId? TakeId(ref Span<byte> rest, ReadOnlySpan<byte> header)
    {
        if (!rest.StartsWith(header) || rest.Length < header.Length + 41 || rest[header.Length + 40] is not (byte)'\n'
            || ObjectId.Create(Encoding.Latin1.GetString(rest.Slice(header.Length, 40))) is not { Error: null } id)
        {
            return null;
        }

        rest = rest[(header.Length + 41)..];
        return id.Value;
    }

    private static bool TakePerson(ref Span<byte> rest, ReadOnlySpan<byte> header)
    {
        var end = rest.IndexOf((byte)'\n');
        if (end < 0 || !rest.StartsWith(header))
        {
            return false;
        }

        var person = rest[header.Length..end];
        var (open, close) = (person.IndexOf((byte)'<'), person.LastIndexOf((byte)'>'));
        if (open < 0 || close < open || person.Length < close + 9 || person[close + 1] is not (byte)' ')
        {
            return false;
        }

        rest = rest[(end + 1)..];
        var time = person[(close + 2)..];
        return Utf8Parser.TryParse(time, out long seconds, out var length) && seconds is >= 0 and <= LatestTime && time.Length == length + 6
            && time[length] is (byte)' ' && time[length + 1] is (byte)'+' or (byte)'-' && !time[(length + 2)..].ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }
}
