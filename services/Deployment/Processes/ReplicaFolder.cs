using ModelGarden.Deployment.Endpoints;

namespace ModelGarden.Deployment.Processes;

/// <summary>A replica's own folder: where it works, and where its files lie under the names that they have in the repository. Goes with it.</summary>
internal sealed class ReplicaFolder(string path, IReadOnlyList<string> cached) : IDisposable
{
    public string Path { get; } = path;

    /// <summary>The file that the engine loads.</summary>
    public string ModelPath { get; private set; } = "";

    /// <summary>Gives each cached file its own name here: what loads one file may ask for others beside it.</summary>
    public void Fill(IReadOnlyList<TargetFile> files)
    {
        foreach (var (file, source) in files.Zip(cached))
        {
            var name = System.IO.Path.Combine(Path, "model", file.Path);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(name)!);
            if (!Posix.TryLink(source, name))
            {
                File.CreateSymbolicLink(name, source);
            }
        }

        ModelPath = System.IO.Path.Combine(Path, "model", files[0].Path);
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // It was never filled.
        }
        catch (IOException)
        {
            // Something of the engine's still writes there; the next start of this service clears the folder.
        }
    }
}
