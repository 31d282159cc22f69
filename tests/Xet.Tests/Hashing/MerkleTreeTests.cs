using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace ModelGarden.Xet.Tests;

/// <summary>The tree that is built as chunks come, against one that has all of them and groups level by level.</summary>
public sealed class MerkleTreeTests
{
    private static readonly byte[] NodeKey = Convert.FromHexString("017ec5c7a5472996fd946666b48a02e65ddd536f37c76dd2f86352e64a53713f");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(1_000_000)]
    public void Root_AnyNumberOfLeaves_IsTheOneOfWholeLevels(int rarity)
    {
        var leaves = Leaves(400, rarity);
        var tree = new MerkleTree();
        for (var count = 0; count <= leaves.Length; count++)
        {
            Assert.Equal(Whole(leaves[..count]), tree.Root());
            Assert.Equal(count, tree.Count);
            if (count < leaves.Length)
            {
                tree.Append(leaves[count].Hash, leaves[count].Length);
            }
        }
    }

    [Fact]
    public void Root_ManyLeaves_TakesLittleMemory()
    {
        var (tree, leaves) = (new MerkleTree(), Leaves(64, 4));
        Append(1000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Append(100_000);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);

        void Append(int count)
        {
            for (var i = 0; i < count; i++)
            {
                tree.Append(leaves[i % leaves.Length].Hash, 65_536);
            }
        }
    }

    [Fact]
    public void Root_ChunksOfTheLargestFiles_AddUp()
    {
        var tree = new MerkleTree();
        tree.Append(Leaf(1, 3), 6_000_000_000_000);
        tree.Append(Leaf(2, 3), long.MaxValue - 6_000_000_000_000);

        Assert.Equal(long.MaxValue, tree.Length);
        Assert.Equal(Whole([(Leaf(1, 3), 6_000_000_000_000), (Leaf(2, 3), long.MaxValue - 6_000_000_000_000)]), tree.Root());
        Assert.Throws<OverflowException>(() => tree.Append(Leaf(3, 3), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Append(Leaf(3, 3), -1));
    }

    [Fact]
    public void Clear_AfterLeaves_IsAnEmptyTree()
    {
        var tree = new MerkleTree();
        tree.Append(new Chunk(Leaf(1, 3), 5));
        tree.Append(new Chunk(Leaf(2, 3), 5));

        tree.Clear();

        Assert.Equal((0, 0), (tree.Count, tree.Length));
        Assert.True(tree.Root().IsZero);
        Assert.True(tree.FileHash().IsZero);
    }

    // Section 2.3 of the contract, in its own words.
    private static XetHash Whole((XetHash Hash, long Length)[] nodes)
    {
        if (nodes is [])
        {
            return default;
        }

        while (nodes.Length > 1)
        {
            var parents = new List<(XetHash, long)>();
            for (var start = 0; start < nodes.Length;)
            {
                var rest = nodes[start..];
                var most = Math.Min(9, rest.Length);
                var cut = Enumerable.Range(2, Math.Max(0, most - 2)).Where(k => rest[k].Hash.Word(3) % 4 is 0).Select(k => k + 1).FirstOrDefault(most);
                var taken = rest.Length <= 2 ? rest.Length : cut;
                parents.Add(Parent(rest[..taken]));
                start += taken;
            }

            nodes = [.. parents];
        }

        return nodes[0].Hash;
    }

    private static (XetHash Hash, long Length) Parent((XetHash Hash, long Length)[] children)
    {
        var text = string.Concat(children.Select(child => string.Create(CultureInfo.InvariantCulture, $"{child.Hash} : {child.Length}\n")));
        var hash = new byte[XetHash.Size];
        Blake3.HashKeyed(NodeKey, Encoding.ASCII.GetBytes(text), hash);
        return (XetHash.FromBytes(hash), children.Sum(child => child.Length));
    }

    private static (XetHash Hash, long Length)[] Leaves(int count, int rarity) =>
        [.. Enumerable.Range(0, count).Select(i => (Leaf((ulong)i, rarity is 1 ? 0 : i % rarity is 0 ? 4u : 3u), (long)i * 1000))];

    private static XetHash Leaf(ulong number, ulong last)
    {
        var bytes = Bytes.SplitMix64(number, XetHash.Size);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), last);
        return XetHash.FromBytes(bytes);
    }
}
