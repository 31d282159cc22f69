using ModelGarden.Deployment.Engines;
using ModelGarden.Testing;

namespace ModelGarden.Deployment.Tests;

public sealed class EngineInstallerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("installer-").FullName;

    private static CancellationToken Cancel => Patience.Cancel;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Ensure_ByManyInstallersAtOnce_GivesOneWholeInstallation()
    {
        var reports = new System.Collections.Concurrent.ConcurrentBag<string>();
        var manifest = Manifest("mkdir made; cp server.txt made/; echo so far so good");

        var roots = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Installer(manifest).EnsureAsync(manifest.Engines[0], reports.Add, Cancel)));

        var root = Assert.Single(roots.Select(one => one.OrThrow()).Distinct());
        Assert.True(File.Exists(Path.Combine(root, "pack", "made", "server.txt")));
        Assert.False(Directory.Exists(Path.Combine(root, "pack", "node_modules")));
        Assert.Contains("installing the engine packed: so far so good", reports);
        Assert.Single(Directory.GetDirectories(Path.Combine(_folder, "engines")));
    }

    [Fact]
    public async Task Ensure_PackageChanges_InstallsBesideTheOldOne()
    {
        var manifest = Manifest("mkdir made");
        var first = (await Installer(manifest).EnsureAsync(manifest.Engines[0], _ => { }, Cancel)).OrThrow();
        await File.WriteAllTextAsync(Path.Combine(_folder, "source", "pack", "server.txt"), "version 2", Cancel);

        var second = (await Installer(manifest).EnsureAsync(manifest.Engines[0], _ => { }, Cancel)).OrThrow();

        Assert.NotEqual(first, second);
    }

    [Theory]
    [InlineData("echo no network here >&2; exit 3", "ended with exit code 3: no network here; check that this machine reaches the npm registry")]
    [InlineData("true", "did not make 'pack/made'")]
    [InlineData("sleep 60", "was not done within")]
    public async Task Ensure_CommandFails_SaysWhyAndLeavesNothing(string script, string why)
    {
        var manifest = Manifest(script);

        var failed = await Installer(manifest, script.StartsWith("sleep", StringComparison.Ordinal) ? 0.2 : 30).EnsureAsync(manifest.Engines[0], _ => { }, Cancel);

        Assert.Equal("ENGINE_NOT_INSTALLED", failed.Error!.Reason);
        Assert.Contains(why, failed.Error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(Path.Combine(_folder, "engines")));
    }

    [Fact]
    public async Task Ensure_CommandMissing_SaysWhatToInstall()
    {
        var manifest = Manifest("true", command: "no-such-npm");

        var failed = await Installer(manifest).EnsureAsync(manifest.Engines[0], _ => { }, Cancel);

        Assert.Contains("'no-such-npm' is not on the PATH: install Node.js", failed.Error!.Message, StringComparison.Ordinal);
    }

    private EngineInstaller Installer(EngineManifest manifest, double limitSeconds = 30) =>
        new(manifest, Path.Combine(_folder, "engines"), "", TimeSpan.FromSeconds(limitSeconds));

    private EngineManifest Manifest(string script, string command = "sh")
    {
        var source = Path.Combine(_folder, "source");
        Directory.CreateDirectory(Path.Combine(source, "pack", "node_modules", "developers"));
        File.WriteAllText(Path.Combine(source, "pack", "node_modules", "developers", "own.txt"), "not copied");
        File.WriteAllText(Path.Combine(source, "pack", "server.txt"), "version 1");
        File.WriteAllText(Path.Combine(source, "engines.json"), $$"""
            {"engines":[{"id":"packed","formats":["x"],"api":"openai","executable":"node","arguments":[],"readyPath":"/",
             "install":{"copy":["pack"],"folder":"pack","commands":[["{{command}}","-c","{{script}}"]],"creates":"pack/made"} } ]}
            """);
        return EngineManifest.Load(source).OrThrow();
    }
}
