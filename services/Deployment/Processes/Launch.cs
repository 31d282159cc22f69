using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ModelGarden.Deployment.Engines;

namespace ModelGarden.Deployment.Processes;

/// <summary>All that is needed to start one engine.</summary>
/// <param name="Engine">Which.</param>
/// <param name="Program">Full path of its executable.</param>
/// <param name="Root">Where its package lies; empty: it has none.</param>
/// <param name="Alias">What the model is called.</param>
/// <param name="Embedding">The model gives vectors.</param>
internal sealed record Launch(Engine Engine, string Program, string Root, string Alias, bool Embedding)
{
    /// <summary>
    /// Ends an engine that knows nothing of its parent when that one is gone, however it went: the system closes the pipe on standard
    /// input then. (The kernel's parent-death signal is none: it fires when the thread that forked ends, and a pool's threads do.)
    /// </summary>
    private const string Guard = """
        exec 3<&0
        "$@" 3<&- </dev/null &
        engine=$!
        (while read -r line; do :; done; kill -TERM $engine; sleep 10; kill -KILL $engine) <&3 3<&- >/dev/null 2>&1 &
        guard=$!
        exec 3<&-
        trap 'kill -TERM $engine' TERM INT
        wait $engine; code=$?
        while kill -0 $engine 2>/dev/null; do wait $engine; code=$?; done
        kill $guard 2>/dev/null
        exit $code
        """;

    /// <summary>All that an engine gets of the garden's environment: the rest may hold secrets.</summary>
    private static readonly string[] Kept = ["PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ", "SystemRoot", "CUDA_VISIBLE_DEVICES"];

    /// <summary>The port is 0 for engines that pick one and say which; others are given one that is free now.</summary>
    public ProcessStartInfo ToStartInfo(string folder, string model, int port)
    {
        var start = new ProcessStartInfo
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        SetEnvironment(start, folder);
        List<string> command = [Program, .. Engine.Arguments.Concat(Embedding ? Engine.EmbeddingArguments : []).Select(argument => Fill(argument, model, port))];
        if (!Engine.ExitsWithParent && !OperatingSystem.IsWindows())
        {
            command = ["/bin/sh", "-c", Guard, "engine", .. command];
        }

        start.FileName = command[0];
        foreach (var argument in command[1..])
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void SetEnvironment(ProcessStartInfo start, string folder)
    {
        var kept = Kept.Select(name => (Name: name, Value: Environment.GetEnvironmentVariable(name))).Where(pair => pair.Value is not null).ToList();
        start.Environment.Clear();
        foreach (var (name, value) in kept)
        {
            start.Environment[name] = value;
        }

        start.Environment["HOME"] = start.Environment["TMPDIR"] = folder;
    }

    private string Fill(string argument, string model, int port)
    {
        var filled = argument.Replace("{model}", model, StringComparison.Ordinal).Replace("{alias}", Alias, StringComparison.Ordinal)
            .Replace("{port}", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        // The manifest names an engine's own files from its package.
        return Root.Length > 0 && File.Exists(Path.Combine(Root, filled)) ? Path.Combine(Root, filled) : filled;
    }
}
