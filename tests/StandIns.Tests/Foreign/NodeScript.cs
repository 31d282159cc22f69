using System.Diagnostics;
using System.Reflection;

namespace ModelGarden.StandIns.Tests.Foreign;

/// <summary>Runs scripts of the test project's <c>node</c> folder with the packages that its lock file names.</summary>
internal static class NodeScript
{
    private static readonly Lazy<Task> Installed = new(InstallAsync);

    /// <summary>The folder of the test project's sources.</summary>
    public static string ProjectDirectory { get; } = typeof(NodeScript).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == nameof(ProjectDirectory)).Value!;

    private static string Folder => Path.Combine(ProjectDirectory, "node");

    /// <summary>Runs the script to its end and returns what it printed; throws, with all it printed, if it fails.</summary>
    public static async Task<string> RunAsync(string script, params string[] arguments)
    {
        await Installed.Value;
        return await ExecuteAsync("node", [script, .. arguments], TestContext.Current.CancellationToken);
    }

    private static Task InstallAsync()
    {
        // npm writes this file last, so that an interrupted installation is done again.
        return File.Exists(Path.Combine(Folder, "node_modules", ".package-lock.json"))
            ? Task.CompletedTask
            : ExecuteAsync("npm", ["ci"], CancellationToken.None);
    }

    private static async Task<string> ExecuteAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? await output
                : throw new InvalidOperationException(
                    $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await output}{await errors}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
