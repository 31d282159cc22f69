using System.Diagnostics;
using System.Text.Json.Nodes;
using ModelGarden.Testing;

namespace ModelGarden.Clients;

/// <summary>
/// Runs the flows in <c>node/</c>, each a process of its own with a real client in it. The clients are fetched once, as the lock file has them.
/// </summary>
public sealed class NodeClients : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly string Folder = Repo.PathOf("tests/Clients/node");

    public async ValueTask InitializeAsync()
    {
        // npm writes this file last: without it an install was broken off, and an older one is not of this lock file.
        if (File.GetLastWriteTimeUtc(Path.Combine(Folder, "node_modules", ".package-lock.json")) < File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json")))
        {
            var (exitCode, output, errors) = await RunProcessAsync("npm", ["ci"], new Dictionary<string, string>());
            Assert.True(exitCode is 0, $"npm ci failed: {output}{errors}");
        }
    }

    /// <summary>The flow's result: the line of JSON that it prints.</summary>
    public static async Task<JsonNode> RunAsync(string flow, IReadOnlyDictionary<string, string> settings)
    {
        var (exitCode, output, errors) = await RunProcessAsync("node", [$"{flow}.mjs"], settings);
        var line = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault();
        Assert.True(line?.StartsWith('{') is true, $"{flow} ended with {exitCode} and without a result: {output}{errors}");
        return JsonNode.Parse(line!)!;
    }

    /// <summary>Runs a client's own program.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunProgramAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> settings) =>
        RunProcessAsync("node", [program, .. arguments], settings);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<(int ExitCode, string Output, string Errors)> RunProcessAsync(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> settings)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, await errors);
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
