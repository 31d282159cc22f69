using System.Collections.Concurrent;
using System.Diagnostics;
using ModelGarden.Testing;

namespace ModelGarden.EndToEnd.Tests.Gardens;

/// <summary>A process of the repository's own, its output kept, ended with the test at the latest.</summary>
internal sealed class Child : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _awaited = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Child(Process process) => _process = process;

    public string Output => string.Join('\n', _lines);

    public int ExitCode => _process.ExitCode;

    public int Id => _process.Id;

    /// <param name="dll">From the repository's root, with <c>*</c> for the configuration that this test was built in.</param>
    /// <param name="settings">Environment.</param>
    /// <param name="arguments">Of the program.</param>
    public static Child Start(string dll, IReadOnlyDictionary<string, string> settings, params IEnumerable<string> arguments)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var start = new ProcessStartInfo("dotnet", [Repo.PathOf(dll.Replace("*", configuration, StringComparison.Ordinal)), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        var child = new Child(new Process { StartInfo = start, EnableRaisingEvents = true });
        child.Run();
        return child;
    }

    /// <summary>Returns when a line has this text; fails when the process ends before.</summary>
    public async Task SaysAsync(string text)
    {
        var said = _awaited.GetOrAdd(text, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (_lines.Any(line => line.Contains(text, StringComparison.Ordinal)))
        {
            return;
        }

        var first = await Task.WhenAny(said.Task, _ended.Task, Task.Delay(Patience, TestContext.Current.CancellationToken));
        Assert.True(first == said.Task || Output.Contains(text, StringComparison.Ordinal), $"'{text}' was not said:\n{Output}");
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>SIGTERM.</summary>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        return await ExitAsync();
    }

    /// <summary>SIGKILL: no last word, no clearing up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Run()
    {
        _process.OutputDataReceived += (_, data) => Keep(data.Data);
        _process.ErrorDataReceived += (_, data) => Keep(data.Data);
        _process.Exited += (_, _) => _ended.TrySetResult();
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        _lines.Enqueue(line);
        foreach (var (text, said) in _awaited)
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                said.TrySetResult();
            }
        }
    }
}
