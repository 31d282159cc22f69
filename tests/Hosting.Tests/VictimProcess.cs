using System.Diagnostics;
using System.Runtime.InteropServices;
using ModelGarden.Testing;

namespace ModelGarden.Hosting.Tests;

/// <summary>A service in a process of its own, with exactly the settings given.</summary>
internal sealed class VictimProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private readonly Process _process;
    private readonly Task<string> _errors;

    private VictimProcess(Process process) => (_process, _errors) = (process, process.StandardError.ReadToEndAsync());

    private static CancellationToken Cancel => Patience.Cancel;

    public static VictimProcess Start(IReadOnlyDictionary<string, string> environment, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "ModelGarden.Hosting.Victim.dll"));
        foreach (var arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        return new(Process.Start(start)!);
    }

    /// <summary>Waits for this line of its output; fails with what it wrote instead if it ends before.</summary>
    public async Task SaysAsync(string line)
    {
        while (await _process.StandardOutput.ReadLineAsync(Cancel) is { } read)
        {
            if (read == line)
            {
                return;
            }
        }

        Assert.Fail($"ended before it said '{line}': {await _errors}");
    }

    public void Terminate() => Assert.Equal(0, Signal(_process.Id, SigTerm));

    public void Kill() => _process.Kill();

    /// <summary>Its exit code and the lines of its standard error.</summary>
    public async Task<(int Code, IReadOnlyList<string> Errors)> EndAsync()
    {
        await _process.StandardOutput.ReadToEndAsync(Cancel);
        await _process.WaitForExitAsync(Cancel);
        return (_process.ExitCode, (await _errors).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);
}
