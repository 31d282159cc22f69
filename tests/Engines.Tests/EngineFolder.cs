using System.ComponentModel;
using System.Diagnostics;

namespace ModelGarden.Engines.Tests;

/// <summary>The folder <c>deploy/engines</c> of this repository, its npm packages installed.</summary>
public sealed class EngineFolder : IAsyncLifetime
{
    private static readonly string Root = Path.Combine(RepositoryRoot(), "deploy", "engines");

    public static IEnumerable<string> TestFiles() =>
        Directory.EnumerateFiles(Path.Combine(Root, "test"), "*.test.mjs").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    public async ValueTask InitializeAsync()
    {
        await InstallAsync("gguf", ["ci"]);
        await InstallAsync("onnx", ["ci"], ["run", "prune-platforms"]);
        await InstallAsync("test", ["ci"]);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Runs a program in a subfolder and gives its exit code and all it printed.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(string folder, string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Start(folder, program, arguments);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private async Task InstallAsync(string folder, params string[][] commands)
    {
        if (Directory.Exists(Path.Combine(Root, folder, "node_modules")))
        {
            return;
        }

        foreach (var arguments in commands)
        {
            var (exitCode, output) = await RunAsync(folder, "npm", arguments, TestContext.Current.CancellationToken);
            Assert.True(exitCode is 0, output);
        }
    }

    private static Process Start(string folder, string program, IEnumerable<string> arguments)
    {
        // On Windows npm is a script, which only the shell finds.
        var command = OperatingSystem.IsWindows() && program is "npm" ? ["cmd", "/c", program, .. arguments] : (string[])[program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = Path.Combine(Root, folder),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw new InvalidOperationException($"the engines' tests need {program} on the PATH: {error.Message}", error);
        }
    }

    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ModelGarden.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("no ModelGarden.sln above the tests");
        }

        return folder;
    }
}
