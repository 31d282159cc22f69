using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Calls;

namespace ModelGarden.Persistence;

/// <summary>
/// Keeps the SQLite database, which holds private keys, for this service's user alone: its file is there with mode 0600 before anything is
/// written to it, and SQLite gives its journal the same mode.
/// </summary>
internal sealed class PrivateStore(IOptions<GardenOptions> options, ServiceIdentity self) : IHostedLifecycleService
{
    private const UnixFileMode Folder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode File = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Database.Length is 0 && !OperatingSystem.IsWindows())
        {
            var folder = Path.Combine(options.Value.Data, self.Name);
            Directory.CreateDirectory(folder, Folder);
            var file = Path.Combine(folder, $"{self.Name}.db");
            using (new FileStream(file, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, UnixCreateMode = File }))
            {
                System.IO.File.SetUnixFileMode(file, File);
            }
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
