using System.Globalization;
using System.Text;

namespace ModelGarden.Catalog.Comparing;

/// <summary>A file that differs, as <c>git diff --full-index</c> prints it, so that <c>git apply</c> takes it. Pure.</summary>
internal static class UnifiedDiff
{
    private const int Context = 3;
    private const string Nothing = "0000000000000000000000000000000000000000";
    private static readonly byte[] NoNewline = "\n\\ No newline at end of file\n"u8.ToArray();

    /// <summary>With the lines that differ.</summary>
    public static byte[] Write(FileChange change, ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after, CancellationToken cancellationToken)
    {
        using var written = new MemoryStream();
        Text(written, Header(change));
        var (old, now) = (LineDiff.Split(before), LineDiff.Split(after));
        var edits = LineDiff.Of(old, now, cancellationToken);
        if (edits.Count > 0)
        {
            Text(written, $"--- {Ended(OldName(change))}\n+++ {Ended(NewName(change))}\n");
        }

        for (var first = 0; first < edits.Count;)
        {
            var next = first + 1;
            while (next < edits.Count && edits[next].Before - edits[next - 1].Before - edits[next - 1].Deleted <= 2 * Context)
            {
                next++;
            }

            Hunk(written, [.. edits.Skip(first).Take(next - first)], old, now);
            first = next;
        }

        return written.ToArray();
    }

    /// <summary>Without them: <paramref name="why"/> says in words what differs instead.</summary>
    public static byte[] WriteWithout(FileChange change, string why) => Encoding.UTF8.GetBytes($"{Header(change)}{why}\n");

    /// <summary>What git says of files that are not text.</summary>
    public static string Binary(FileChange change) => $"Binary files {OldName(change)} and {NewName(change)} differ";

    private static string Header(FileChange change)
    {
        var (before, after) = ((change.Before ?? change.After)!, (change.After ?? change.Before)!);
        var header = new StringBuilder().Append(CultureInfo.InvariantCulture, $"diff --git {Quoted("a/" + before.Path)} {Quoted("b/" + after.Path)}\n");
        var isMode = change.Before is not null && change.After is not null && change.ModeBefore != change.ModeAfter;
        header.Append(change switch
        {
            { Before: null } => $"new file mode {change.ModeAfter}\n",
            { After: null } => $"deleted file mode {change.ModeBefore}\n",
            _ when isMode => $"old mode {change.ModeBefore}\nnew mode {change.ModeAfter}\n",
            _ => "",
        });
        if (change.Kind is FileChangeKind.Renamed)
        {
            header.Append(CultureInfo.InvariantCulture, $"similarity index 100%\nrename from {Quoted(before.Path)}\nrename to {Quoted(after.Path)}\n");
        }

        var (from, to) = (change.Before?.Oid ?? Nothing, change.After?.Oid ?? Nothing);
        var isShown = change.Before is not null && change.After is not null && !isMode;
        return from == to ? header.ToString() : header.Append(CultureInfo.InvariantCulture, $"index {from}..{to}{(isShown ? $" {change.ModeAfter}" : "")}\n").ToString();
    }

    private static void Hunk(MemoryStream written, List<LineEdit> edits, IReadOnlyList<ReadOnlyMemory<byte>> old, IReadOnlyList<ReadOnlyMemory<byte>> now)
    {
        var (first, last) = (edits[0], edits[^1]);
        var ahead = Math.Min(Context, first.Before);
        var behind = Math.Min(Context, old.Count - last.Before - last.Deleted);
        var (from, to) = (first.Before - ahead, first.After - ahead);
        var (gone, come) = (last.Before + last.Deleted + behind - from, last.After + last.Added + behind - to);
        Text(written, $"@@ -{Range(from, gone)} +{Range(to, come)} @@\n");
        var at = from;
        foreach (var edit in edits)
        {
            Lines(written, ' ', old, at, edit.Before - at);
            Lines(written, '-', old, edit.Before, edit.Deleted);
            Lines(written, '+', now, edit.After, edit.Added);
            at = edit.Before + edit.Deleted;
        }

        Lines(written, ' ', old, at, behind);
    }

    // Where there are no lines, the one that they would come after.
    private static string Range(int from, int count) => string.Create(CultureInfo.InvariantCulture, $"{(count is 0 ? from : from + 1)}{(count is 1 ? "" : $",{count}")}");

    private static void Lines(MemoryStream written, char sign, IReadOnlyList<ReadOnlyMemory<byte>> lines, int from, int count)
    {
        for (var i = from; i < from + count; i++)
        {
            written.WriteByte((byte)sign);
            written.Write(lines[i].Span);
            if (lines[i].Span[^1] is not (byte)'\n')
            {
                written.Write(NoNewline);
            }
        }
    }

    private static string OldName(FileChange change) => change.Before is { } before ? Quoted("a/" + before.Path) : "/dev/null";

    private static string NewName(FileChange change) => change.After is { } after ? Quoted("b/" + after.Path) : "/dev/null";

    // As git does, so that a name with blanks in it ends where it ends.
    private static string Ended(string name) => name.Contains(' ', StringComparison.Ordinal) && !name.StartsWith('"') ? name + "\t" : name;

    private static string Quoted(string path) => path.Any(letter => char.IsControl(letter) || letter is '"' or '\\')
        ? $"\"{string.Concat(Encoding.UTF8.GetBytes(path).Select(Quoted))}\""
        : path;

    private static string Quoted(byte letter) => letter switch
    {
        (byte)'"' => "\\\"",
        (byte)'\\' => "\\\\",
        < 0x20 or >= 0x7f => $"\\{Convert.ToString(letter, 8).PadLeft(3, '0')}",
        _ => ((char)letter).ToString(),
    };

    private static void Text(MemoryStream written, string text) => written.Write(Encoding.UTF8.GetBytes(text));
}
