namespace ModelGarden.Cli.Transfers;

/// <summary>Finds the files of a folder that is to be published: all but git's, ours and the download caches' own.</summary>
internal static class FolderReader
{
    public const string OwnFolder = ".garden";
    private const int MostFiles = 100_000;
    private static readonly HashSet<string> LeftOut = [".git", OwnFolder, ".cache", "__pycache__", ".DS_Store"];

    /// <summary>By path. Links to files are followed, links to folders are not.</summary>
    public static IReadOnlyList<LocalFile> Read(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new UsageException(File.Exists(folder) ? $"{folder} is a file: a folder is expected" : $"there is no folder {folder}");
        }

        var files = new List<LocalFile>();
        Read(new(folder), "", files);
        return files.Count > 0
            ? [.. files.OrderBy(file => file.Path, StringComparer.Ordinal)]
            : throw new ErrorException(Error.Invalid("EMPTY_FOLDER", $"{folder} has no files to publish"));
    }

    private static void Read(DirectoryInfo folder, string prefix, List<LocalFile> files)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            if (LeftOut.Contains(entry.Name))
            {
                continue;
            }

            var path = FilePath.Create(prefix + entry.Name).OrThrow().Value;
            if (entry is FileInfo file)
            {
                Add(file, path, files);
            }
            else if (entry.LinkTarget is null)
            {
                Read((DirectoryInfo)entry, path + "/", files);
            }
        }
    }

    private static void Add(FileInfo file, string path, List<LocalFile> files)
    {
        var content = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
        if (content is not { Exists: true })
        {
            throw new ErrorException(Error.Invalid("BROKEN_LINK", $"{file.FullName} links to nothing: mend or delete it"));
        }

        if (files.Count == MostFiles)
        {
            throw new ErrorException(Error.Exhausted("TOO_MANY_FILES", $"the folder has more than {MostFiles} files"));
        }

        files.Add(new(path, content.FullName, content.Length));
    }
}
