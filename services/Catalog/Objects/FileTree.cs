using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Text;

namespace ModelGarden.Catalog.Objects;

/// <summary>A git tree: one folder's entries in git's order, readable from and writable to git's own bytes. Immutable.</summary>
internal sealed class FileTree
{
    private const int HashSize = 20;
    private readonly Lazy<FrozenDictionary<string, TreeItem>> _byName;

    private FileTree(TreeItem[] items, byte[] content, byte[] sizes)
    {
        (Items, Content, Sizes) = (items, content, sizes);
        Oid = ObjectId.Of("tree", content);
        _byName = new(() => Items.ToFrozenDictionary(item => item.Name, StringComparer.Ordinal));
    }

    public static FileTree Empty { get; } = Of([]);

    public IReadOnlyList<TreeItem> Items { get; }

    public ObjectId Oid { get; }

    /// <summary>git's bytes.</summary>
    public byte[] Content { get; }

    /// <summary>What git's bytes leave out, in the same order: a kind, then a file's size, then a large file's SHA-256.</summary>
    public byte[] Sizes { get; }

    public TreeItem? Find(string name) => _byName.Value.GetValueOrDefault(name);

    public static FileTree Of(IEnumerable<TreeItem> items)
    {
        // git sorts by bytes, a folder as if its name ended in '/'.
        var sorted = items.Select(item => (Key: Encoding.UTF8.GetBytes(item.IsFolder ? item.Name + "/" : item.Name), Item: item)).ToArray();
        Array.Sort(sorted, (a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key));
        var content = new MemoryStream();
        var sizes = new MemoryStream();
        foreach (var (_, item) in sorted)
        {
            content.Write(Encoding.UTF8.GetBytes($"{item.Mode} {item.Name}\0"));
            content.Write(Convert.FromHexString(item.Oid.Hex));
            WriteSize(sizes, item);
        }

        return new([.. sorted.Select(pair => pair.Item)], content.ToArray(), sizes.ToArray());
    }

    public static FileTree Read(byte[] content, byte[] sizes)
    {
        var items = new List<TreeItem>();
        var (at, sizeAt) = (0, 0);
        while (at < content.Length)
        {
            var rest = content.AsSpan(at);
            var space = rest.IndexOf((byte)' ');
            var end = rest.IndexOf((byte)0);
            var oid = ObjectId.Create(Convert.ToHexStringLower(rest.Slice(end + 1, HashSize))).Value;
            var (size, sha256) = ReadSize(sizes, ref sizeAt);
            items.Add(new(Encoding.UTF8.GetString(rest[(space + 1)..end]), ModeOf(rest[..space]), oid, size, sha256));
            at += end + 1 + HashSize;
        }

        return new([.. items], content, sizes);
    }

    private static string ModeOf(ReadOnlySpan<byte> mode) =>
        mode.SequenceEqual("100644"u8) ? TreeItem.FileMode : mode.SequenceEqual("40000"u8) ? TreeItem.FolderMode : Encoding.ASCII.GetString(mode);

    private static void WriteSize(MemoryStream sizes, TreeItem item)
    {
        sizes.WriteByte((byte)(item.IsFolder ? TreeLineKind.Folder : item.Sha256 is null ? TreeLineKind.Small : TreeLineKind.Large));
        if (!item.IsFolder)
        {
            Span<byte> size = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(size, item.Size);
            sizes.Write(size);
            sizes.Write(item.Sha256 is { } sha256 ? Convert.FromHexString(sha256.Hex) : []);
        }
    }

    private static (long Size, Sha256Digest? Sha256) ReadSize(ReadOnlySpan<byte> sizes, ref int at)
    {
        var kind = (TreeLineKind)sizes[at++];
        if (kind is TreeLineKind.Folder)
        {
            return (0, null);
        }

        var size = BinaryPrimitives.ReadInt64LittleEndian(sizes[at..]);
        at += 8;
        if (kind is TreeLineKind.Small)
        {
            return (size, null);
        }

        at += 32;
        return (size, Sha256Digest.FromBytes(sizes.Slice(at - 32, 32)));
    }
}

/// <summary>What a line of a tree is of, as it is kept beside git's bytes.</summary>
internal enum TreeLineKind : byte
{
    Folder,
    Small,
    Large,
}
