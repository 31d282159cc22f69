using System.Runtime.InteropServices;

namespace ModelGarden.Search.Engines.Embedded.Columns;

/// <summary>
/// The first row of each term of a space, and over it a tree of the least ones of sixteen, up to one: gives the terms of a range in the order of their first
/// rows, which is that of downloads, without looking at all of them.
/// </summary>
internal readonly ref struct BestRows(ReadOnlySpan<byte> section, int count)
{
    private const int Fan = 16;
    private readonly ReadOnlySpan<int> _rows = MemoryMarshal.Cast<byte, int>(section);

    private int Height
    {
        get
        {
            var height = 0;
            for (var length = count; length > 1; length = (length + Fan - 1) / Fan)
            {
                height++;
            }

            return height;
        }
    }

    public static int LengthFor(int count)
    {
        var length = count;
        while (count > 1)
        {
            count = (count + Fan - 1) / Fan;
            length += count;
        }

        return length;
    }

    public static int[] Write(ReadOnlySpan<int> first)
    {
        var all = new int[LengthFor(first.Length)];
        first.CopyTo(all);
        for (var (start, count) = (0, first.Length); count > 1;)
        {
            var above = (count + Fan - 1) / Fan;
            for (var i = 0; i < above; i++)
            {
                var children = all.AsSpan(start + (i * Fan), Math.Min(Fan, count - (i * Fan)));
                all[start + count + i] = Least(children);
            }

            (start, count) = (start + count, above);
        }

        return all;
    }

    /// <summary>Queues what can lead to the best terms of a range: the root.</summary>
    public void Begin(PriorityQueue<(int Level, int Index), int> queue, int first, int end)
    {
        queue.Clear();
        if (first < end)
        {
            Enqueue(queue, Height, 0, first, end);
        }
    }

    /// <summary>The next best term of the range, and the row by which it is that; -1: there is none left. Whoever queues a term again with a later row gets it again.</summary>
    public int Next(PriorityQueue<(int Level, int Index), int> queue, int first, int end, out int row)
    {
        while (queue.TryDequeue(out var node, out row))
        {
            if (node.Level is 0)
            {
                return node.Index;
            }

            for (var child = node.Index * Fan; child < (node.Index + 1) * Fan; child++)
            {
                Enqueue(queue, node.Level - 1, child, first, end);
            }
        }

        return -1;
    }

    private void Enqueue(PriorityQueue<(int Level, int Index), int> queue, int level, int index, int first, int end)
    {
        var (start, length) = LevelAt(level);
        var (from, to) = ((long)index << (4 * level), (long)(index + 1) << (4 * level));
        if (index < length && from < end && to > first)
        {
            queue.Enqueue((level, index), _rows[start + index]);
        }
    }

    private (int Start, int Length) LevelAt(int level)
    {
        var (start, length) = (0, count);
        for (var i = 0; i < level; i++)
        {
            (start, length) = (start + length, (length + Fan - 1) / Fan);
        }

        return (start, length);
    }

    private static int Least(ReadOnlySpan<int> rows)
    {
        var least = rows[0];
        foreach (var row in rows)
        {
            least = Math.Min(least, row);
        }

        return least;
    }
}
