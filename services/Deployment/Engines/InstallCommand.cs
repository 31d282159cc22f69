using System.ComponentModel;
using System.Diagnostics;
using ModelGarden.Deployment.Processes;

namespace ModelGarden.Deployment.Engines;

/// <summary>Runs one command of an engine's installation to its end, within a limit.</summary>
internal sealed class InstallCommand(IReadOnlyList<string> command, string folder, TimeSpan limit)
{
    private const int KeptLines = 5;
    private readonly Queue<string> _last = new();

    /// <summary>Null when it went well, else what went wrong and what to do.</summary>
    public async Task<string?> RunAsync(Action<string> report, CancellationToken cancellationToken)
    {
        if (Programs.Find(command[0]) is not { } program)
        {
            return $"'{command[0]}' is not on the PATH: install Node.js 20 or newer with npm";
        }

        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(limit);
        using var process = Start(program);
        try
        {
            process.StandardInput.Close();
            await Task.WhenAll(ReadAsync(process.StandardOutput, report, limited.Token), ReadAsync(process.StandardError, report, limited.Token));
            await process.WaitForExitAsync(limited.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            return $"'{string.Join(' ', command)}' was not done within {limit.TotalMinutes:0} minutes{Words()}";
        }

        return process.ExitCode is 0 ? null
            : $"'{string.Join(' ', command)}' {Posix.Say(process.ExitCode)}{Words()}; check that this machine reaches the npm registry, or install the engines elsewhere and set Garden:Deployment:InstalledEngines";
    }

    /// <summary>npm needs the environment of whoever runs this (its registry, proxy and certificates), but not the garden's settings.</summary>
    private Process Start(string program)
    {
        var start = new ProcessStartInfo(program, command.Skip(1))
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("GARDEN", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        return Process.Start(start) ?? throw new Win32Exception($"{program} did not start");
    }

    private async Task ReadAsync(StreamReader reader, Action<string> report, CancellationToken cancellationToken)
    {
        await foreach (var line in BoundedLines.ReadAsync(reader, cancellationToken))
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            lock (_last)
            {
                _last.Enqueue(Kernel.Text.Shorten(line.Trim(), 200));
                if (_last.Count > KeptLines)
                {
                    _last.Dequeue();
                }
            }

            report(Kernel.Text.Shorten(line.Trim(), 200));
        }
    }

    private string Words() => _last.Count is 0 ? "" : $": {string.Join(" | ", _last)}";
}
