using System.Diagnostics;
using ModelGarden.Testing;

namespace ModelGarden.EndToEnd.Tests.Gardens;

/// <summary>Stock git.</summary>
internal static class Git
{
    /// <summary>Clones a repository of a garden into a new folder of its data, in which git finds every object, and nothing wrong.</summary>
    /// <returns>The folder.</returns>
    public static async Task<string> CloneAsync(RunningGarden garden, string repository)
    {
        var folder = Path.Combine(garden.Data, $"clone-{Guid.NewGuid():n}");
        await RunAsync("clone", "-q", "--no-checkout", garden.Url.Replace("://", $"://any:{RunningGarden.AdminToken}@", StringComparison.Ordinal) + $"/{repository}", folder);
        await RunAsync("-C", folder, "fsck", "--strict", "--full");
        return folder;
    }

    /// <summary>What it prints.</summary>
    public static async Task<string> RunAsync(params IEnumerable<string> arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (git.StandardOutput.ReadToEndAsync(Patience.Cancel), git.StandardError.ReadToEndAsync(Patience.Cancel));
        await git.WaitForExitAsync(Patience.Cancel);
        Assert.True(git.ExitCode is 0, await errors);
        return await output;
    }
}
