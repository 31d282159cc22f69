namespace ModelGarden.Formats.Tests;

/// <summary>The real models in <c>deploy/samples</c>.</summary>
internal static class Samples
{
    private static readonly string Root = FindRoot();

    public static string PathOf(string name) => Path.Combine(Root, "deploy", "samples", name);

    public static byte[] Bytes(string name) => File.ReadAllBytes(PathOf(name));

    public static Examination Examine(string name)
    {
        using var file = File.OpenRead(PathOf(name));
        return FileExaminer.Examine(name, file, file.Length, TestContext.Current.CancellationToken);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ModelGarden.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("ModelGarden.sln lies in no folder above the tests");
        }

        return folder.FullName;
    }
}
