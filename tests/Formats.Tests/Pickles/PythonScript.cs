using System.Diagnostics;

namespace ModelGarden.Formats.Tests.Pickles;

/// <summary>Runs one of the scripts beside the tests.</summary>
internal static class PythonScript
{
    /// <summary>What it said; fails the test when it failed.</summary>
    public static async Task<string> RunAsync(string name, params string[] arguments)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Pickles", name);
        using var process = Process.Start(new ProcessStartInfo(Interpreter(), [script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (said, failed) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{script} failed; it needs Python with torch (Debian: apt-get install python3-torch, as tests/run.sh does):\n{await failed}");
        return await said;
    }

    // Debian's Python has Debian's torch; one that comes first in the path may have none.
    private static string Interpreter() => File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
}
