using System.Text;

namespace ModelGarden.Catalog.Comparing;

/// <summary>Lines of one text in the place of lines of another.</summary>
/// <param name="Before">Where, in lines of the first text from 0.</param>
/// <param name="Deleted">How many of its lines go.</param>
/// <param name="After">Where, in lines of the second text from 0.</param>
/// <param name="Added">How many of its lines come.</param>
internal readonly record struct LineEdit(int Before, int Deleted, int After, int Added);

/// <summary>Which lines of two texts differ: as few as can be (E. W. Myers, "An O(ND) difference algorithm and its variations", 1986), unless they are very many. Pure.</summary>
internal static class LineDiff
{
    /// <summary>Where more lines than that differ, all between the first and the last of them counts as replaced: it takes the square of their number to find out more.</summary>
    public const int MostEdits = 1000;

    /// <summary>A text's lines, each with its end.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> text)
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        while (text.Length > 0)
        {
            var end = text.Span.IndexOf((byte)'\n');
            var length = end < 0 ? text.Length : end + 1;
            lines.Add(text[..length]);
            text = text[length..];
        }

        return lines;
    }

    /// <summary>What makes the second text of the first one, in its order.</summary>
    public static IReadOnlyList<LineEdit> Of(IReadOnlyList<ReadOnlyMemory<byte>> before, IReadOnlyList<ReadOnlyMemory<byte>> after, CancellationToken cancellationToken)
    {
        var (one, other) = Number(before, after);
        var shared = Math.Min(one.Length, other.Length);
        var start = one.AsSpan().CommonPrefixLength(other);
        var end = 0;
        while (end < shared - start && one[^(end + 1)] == other[^(end + 1)])
        {
            end++;
        }

        return Walk(one[start..^end], other[start..^end], cancellationToken).ConvertAll(edit => edit with { Before = edit.Before + start, After = edit.After + start });
    }

    /// <summary>Each line as the number of its content, to be compared at once.</summary>
    private static (int[] Before, int[] After) Number(IReadOnlyList<ReadOnlyMemory<byte>> before, IReadOnlyList<ReadOnlyMemory<byte>> after)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        int NumberOf(ReadOnlyMemory<byte> line)
        {
            // One character a byte: whatever the encoding, they are equal when the bytes are.
            var text = Encoding.Latin1.GetString(line.Span);
            if (!numbers.TryGetValue(text, out var number))
            {
                numbers[text] = number = numbers.Count;
            }

            return number;
        }

        return ([.. before.Select(NumberOf)], [.. after.Select(NumberOf)]);
    }

    /// <summary>Goes from the beginning of both to their end with one deletion or addition more each time, as far as each diagonal leads.</summary>
    private static List<LineEdit> Walk(int[] before, int[] after, CancellationToken cancellationToken)
    {
        if (before.Length is 0 || after.Length is 0)
        {
            return before.Length + after.Length is 0 ? [] : [new(0, before.Length, 0, after.Length)];
        }

        var most = Math.Min(before.Length + after.Length, MostEdits);
        // By diagonal, how far it was come in the first text.
        var reached = new int[(2 * most) + 3];
        var middle = most + 1;
        var ways = new List<int[]>();
        for (var edits = 0; edits <= most; edits++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ways.Add(reached[(middle - edits - 1)..(middle + edits + 2)]);
            for (var diagonal = -edits; diagonal <= edits; diagonal += 2)
            {
                var isAddition = IsAddition(reached, middle, diagonal, edits);
                var x = isAddition ? reached[middle + diagonal + 1] : reached[middle + diagonal - 1] + 1;
                while (x < before.Length && x - diagonal < after.Length && before[x] == after[x - diagonal])
                {
                    x++;
                }

                reached[middle + diagonal] = x;
                if (x >= before.Length && x - diagonal >= after.Length)
                {
                    return WayBack(ways, before.Length, after.Length);
                }
            }
        }

        return [new(0, before.Length, 0, after.Length)];
    }

    private static bool IsAddition(int[] reached, int middle, int diagonal, int edits) =>
        diagonal == -edits || (diagonal != edits && reached[middle + diagonal - 1] < reached[middle + diagonal + 1]);

    /// <summary>From the end to the beginning, by what was reached before each edit; those that touch are one.</summary>
    private static List<LineEdit> WayBack(List<int[]> ways, int x, int y)
    {
        var found = new List<LineEdit>();
        for (var edits = ways.Count - 1; edits > 0; edits--)
        {
            var (reached, middle, diagonal) = (ways[edits], edits + 1, x - y);
            var isAddition = IsAddition(reached, middle, diagonal, edits);
            var from = diagonal + (isAddition ? 1 : -1);
            (x, y) = (reached[middle + from], reached[middle + from] - from);
            Add(found, isAddition ? new(x, 0, y, 1) : new(x, 1, y, 0));
        }

        found.Reverse();
        return found;
    }

    private static void Add(List<LineEdit> found, LineEdit edit)
    {
        if (found is [.., var next] && edit.Before + edit.Deleted == next.Before && edit.After + edit.Added == next.After)
        {
            found[^1] = new(edit.Before, edit.Deleted + next.Deleted, edit.After, edit.Added + next.Added);
            return;
        }

        found.Add(edit);
    }
}
