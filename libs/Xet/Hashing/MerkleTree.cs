using System.Buffers.Text;

namespace ModelGarden.Xet;

/// <summary>
/// The Merkle tree over chunks, built as they come. A node's children are cut into groups by their own hashes, so that an insertion changes few
/// nodes. It keeps one open group a level: a few kilobytes, whatever the file's length.
/// </summary>
public sealed class MerkleTree
{
    private const int Fewest = 3;
    private const int Most = 9;
    private const ulong CutModulus = 4;
    private const int LongestLine = XetHash.TextLength + 3 + 19 + 1;

    private readonly List<Level> _levels = [];

    /// <summary>The sum of the lengths appended.</summary>
    public long Length { get; private set; }

    /// <summary>How many leaves were appended.</summary>
    public long Count => _levels.Count is 0 ? 0 : _levels[0].Total;

    public void Append(Chunk chunk) => Append(chunk.Hash, chunk.Length);

    public void Append(XetHash hash, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = checked(Length + length);
        Append(new(hash, length), 0);
    }

    /// <summary>The root over what was appended; more may follow. Nothing at all has 64 zeros, a single leaf is its own root.</summary>
    public XetHash Root()
    {
        Node? carry = null;
        for (var i = 0; i < _levels.Count; i++)
        {
            var level = _levels[i];
            if (carry is null && level.Total is 1)
            {
                return level.Open[0].Hash;
            }

            carry = level.Close(carry);
        }

        return carry?.Hash ?? default;
    }

    /// <summary>The hash of the file that was appended: the root with a key of zeros over it, and 64 zeros if the file is empty.</summary>
    public XetHash FileHash() => Count is 0 ? default : XetHashes.Keyed(default, Root());

    /// <summary>Forgets what was appended.</summary>
    public void Clear()
    {
        Length = 0;
        _levels.Clear();
    }

    private void Append(Node node, int depth)
    {
        for (Node? next = node; next is { } added; depth++)
        {
            if (depth == _levels.Count)
            {
                _levels.Add(new());
            }

            next = _levels[depth].Append(added);
        }
    }

    private readonly record struct Node(XetHash Hash, long Length)
    {
        public bool Cuts => Hash.Word(3) % CutModulus is 0;
    }

    /// <summary>The nodes of one height: how many there were, and those that have no parent yet.</summary>
    private sealed class Level
    {
        private readonly Node[] _open = new Node[Most];
        private int _count;

        public long Total { get; private set; }

        public ReadOnlySpan<Node> Open => _open.AsSpan(0, _count);

        /// <summary>The parent of the group that this node ends, if it ends one.</summary>
        public Node? Append(Node node)
        {
            Total++;
            _open[_count++] = node;
            if (_count < Most && (_count < Fewest || !node.Cuts))
            {
                return null;
            }

            var parent = Parent(Open);
            _count = 0;
            return parent;
        }

        /// <summary>The parent of what is open and a last node after it, if there is anything; changes nothing.</summary>
        public Node? Close(Node? last)
        {
            Span<Node> group = stackalloc Node[Most];
            Open.CopyTo(group);
            var count = _count;
            if (last is { } node)
            {
                group[count++] = node;
            }

            return count is 0 ? null : Parent(group[..count]);
        }

        private static Node Parent(ReadOnlySpan<Node> children)
        {
            Span<byte> text = stackalloc byte[Most * LongestLine];
            var (used, length) = (0, 0L);
            foreach (var child in children)
            {
                used += Line(child, text[used..]);
                length += child.Length;
            }

            return new(XetHashes.OfNode(text[..used]), length);
        }

        private static int Line(Node node, Span<byte> text)
        {
            node.Hash.FormatTo(text);
            " : "u8.CopyTo(text[XetHash.TextLength..]);
            Utf8Formatter.TryFormat(node.Length, text[(XetHash.TextLength + 3)..], out var digits);
            text[XetHash.TextLength + 3 + digits] = (byte)'\n';
            return XetHash.TextLength + 3 + digits + 1;
        }
    }
}
