using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ModelGarden.Kernel;

namespace ModelGarden.Deployment.Engines;

/// <summary>
/// Installs engines on first need: the package is copied beside where it will be, its commands are run there, and the whole is renamed into
/// place, so an installed engine is always a whole one, also when two processes install it at once. The folder is named after
/// the package's content: another version is another folder.
/// </summary>
internal sealed class EngineInstaller(EngineManifest manifest, string folder, string installed, TimeSpan limit)
{
    private const string Modules = "node_modules";
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new(StringComparer.Ordinal);

    /// <summary>The folder that the engine's arguments are relative to; empty: it needs none.</summary>
    public async Task<Result<string>> EnsureAsync(Engine engine, Action<string> report, CancellationToken cancellationToken)
    {
        if (engine.Install is not { } install)
        {
            return manifest.Folder;
        }

        if (installed.Length > 0)
        {
            return Path.Exists(Path.Combine(installed, install.Creates)) ? Path.GetFullPath(installed)
                : Error.Unavailable("ENGINE_NOT_INSTALLED", $"{engine} is not installed in '{installed}' (Garden:Deployment:InstalledEngines): '{install.Creates}' is missing");
        }

        var gate = _gates.GetOrAdd(engine.Id, _ => new(1, 1));
        await gate.WaitAsync(cancellationToken);
        try
        {
            var target = Path.Combine(folder, $"{engine.Id}-{HashOf(install)}");
            return Path.Exists(Path.Combine(target, install.Creates)) ? target : await InstallAsync(engine, install, target, report, cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<Result<string>> InstallAsync(Engine engine, EngineInstall install, string target, Action<string> report, CancellationToken cancellationToken)
    {
        var draft = $"{target}.{Guid.NewGuid():n}";
        try
        {
            foreach (var (source, name) in FilesOf(install))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(draft, name))!);
                File.Copy(source, Path.Combine(draft, name));
            }

            foreach (var command in install.Commands)
            {
                report($"installing the engine {engine}: {string.Join(' ', command)}");
                var run = new InstallCommand(command, Path.Combine(draft, install.Folder), limit);
                if (await run.RunAsync(line => report($"installing the engine {engine}: {line}"), cancellationToken) is { } fault)
                {
                    return Error.Unavailable("ENGINE_NOT_INSTALLED", $"the engine {engine} could not be installed: {fault}");
                }
            }

            return !Path.Exists(Path.Combine(draft, install.Creates))
                ? Error.Unavailable("ENGINE_NOT_INSTALLED", $"installing the engine {engine} did not make '{install.Creates}'")
                : Place(draft, target);
        }
        finally
        {
            if (Directory.Exists(draft))
            {
                Directory.Delete(draft, recursive: true);
            }
        }
    }

    private static Result<string> Place(string draft, string target)
    {
        try
        {
            Directory.Move(draft, target);
        }
        catch (IOException) when (Directory.Exists(target))
        {
            // Another process was faster; what it put there is the same.
        }

        return target;
    }

    private string HashOf(EngineInstall install)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (source, name) in FilesOf(install))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(source)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    /// <summary>The package's files with their names in it, without what a developer installed among them.</summary>
    private IEnumerable<(string Source, string Name)> FilesOf(EngineInstall install) => install.Copy
        .SelectMany(part => Directory.EnumerateFiles(Path.Combine(manifest.Folder, part), "*", SearchOption.AllDirectories))
        .Select(source => (source, Path.GetRelativePath(manifest.Folder, source)))
        .Where(file => !file.Item2.Split(Path.DirectorySeparatorChar).Contains(Modules))
        .OrderBy(file => file.Item2, StringComparer.Ordinal);
}
