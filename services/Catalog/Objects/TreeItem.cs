namespace ModelGarden.Catalog.Objects;

/// <summary>One line of a tree, with what git's own format leaves out.</summary>
/// <param name="Name">One segment of a path.</param>
/// <param name="Mode">git's mode, octal: <c>100644</c>, <c>40000</c>; others come with pushes.</param>
/// <param name="Oid">Of the blob (the pointer, for a large file) or tree.</param>
/// <param name="Size">Bytes of the file itself; 0 for folders.</param>
/// <param name="Sha256">For large files.</param>
internal sealed record TreeItem(string Name, string Mode, ObjectId Oid, long Size, Sha256Digest? Sha256)
{
    public const string FileMode = "100644";
    public const string FolderMode = "40000";

    public bool IsFolder => Mode is FolderMode;

    public static TreeItem Folder(string name, ObjectId tree) => new(name, FolderMode, tree, 0, null);

    public static TreeItem Small(string name, ObjectId blob, long size) => new(name, FileMode, blob, size, null);

    public static TreeItem Large(string name, LargeFilePointer pointer) => new(name, FileMode, pointer.Oid, pointer.Size, pointer.Sha256);

    /// <summary>As the contract has it, at a path from the repository's root.</summary>
    public TreeEntry At(string path) => new()
    {
        Path = path,
        Folder = IsFolder,
        Oid = Oid.Hex,
        Size = Size,
        Sha256 = Sha256?.Hex ?? "",
        PointerSize = Sha256 is { } sha256 ? new LargeFilePointer(sha256, Size).Content.Length : 0,
    };
}
