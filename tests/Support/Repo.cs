namespace ModelGarden.Testing;

/// <summary>Finds files of the repository from wherever a test runs.</summary>
public static class Repo
{
    public static string Root { get; } = FindRoot(new DirectoryInfo(AppContext.BaseDirectory));

    /// <summary>The full path of a file or folder, named from the repository's root.</summary>
    public static string PathOf(string relative) => Path.Combine(Root, relative);

    private static string FindRoot(DirectoryInfo? folder) => folder switch
    {
        null => throw new InvalidOperationException("ModelGarden.sln is not above the test's folder"),
        _ when File.Exists(Path.Combine(folder.FullName, "ModelGarden.sln")) => folder.FullName,
        _ => FindRoot(folder.Parent),
    };
}
