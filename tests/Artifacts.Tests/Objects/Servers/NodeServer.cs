using System.Diagnostics;
using ModelGarden.Testing;

namespace ModelGarden.Artifacts.Tests.Objects.Servers;

/// <summary>A server of <c>node/</c>, on a port that it finds; it ends with the tests, however they end, since it reads its standard input to the end.</summary>
public abstract class NodeServer(string script) : IAsyncLifetime
{
    private const string Address = "http://127.0.0.1:";
    private static readonly string Folder = Repo.PathOf("tests/Artifacts.Tests/node");
    private Process? _process;

    public Uri Endpoint { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.True(File.Exists(Path.Combine(Folder, "node_modules", ".package-lock.json")), $"run 'npm ci --ignore-scripts' in {Folder} first, as tests/run.sh does");
        _process = Process.Start(new ProcessStartInfo("node", [script]) { WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Endpoint = await ListeningAsync(_process.StandardOutput).InTimeAsync($"{script} says where it listens");

        // Read on, so that the server never waits for us.
        _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience.Limit);
            _process.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    private static async Task<Uri> ListeningAsync(StreamReader output)
    {
        while (await output.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.Contains("listen", StringComparison.Ordinal) && line.IndexOf(Address, StringComparison.Ordinal) is var at and >= 0)
            {
                return new(line[at..].Trim());
            }
        }

        throw new InvalidOperationException("the server ended before it listened");
    }
}
