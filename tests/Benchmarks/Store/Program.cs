// The store of Artifacts as a program, for comparison with backup programs: `ingest <data> <files…>` stores files as an upload does, `restore <data> <folder>` writes all of
// them out again. Digests come from <file>.sha256, as clients announce them. Whole processes are compared, so starting and ending is part of it.
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Artifacts;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Uploads;
using ModelGarden.Hosting;
using ModelGarden.Kernel;

var (command, data) = (args[0], args[1]);
var settings = new Dictionary<string, string?> { ["Garden:Data"] = data, ["Garden:ServiceSecret"] = "a secret of benchmarks, long enough for all" };
foreach (var name in ServiceNames.All)
{
    settings[$"Garden:Services:{name}:Grpc"] = $"unix:{data}/{name}.sock";
    settings[$"Garden:Services:{name}:Http"] = $"unix:{data}/{name}.http.sock";
}

Directory.CreateDirectory(data);
await using var app = GardenService.Build(ArtifactsModule.Definition, [], settings);
await app.StartAsync();
await (command switch
{
    "ingest" => IngestAsync(app.Services, args[2..]),
    "restore" => RestoreAsync(app.Services, args[2]),
    _ => throw new ArgumentException($"'{command}' is neither ingest nor restore"),
});
await app.StopAsync();

static async Task IngestAsync(IServiceProvider services, string[] paths)
{
    var (sessions, receiver) = (services.GetRequiredService<UploadSessions>(), services.GetRequiredService<UploadReceiver>());
    var tenant = TenantName.Create("acme").OrThrow();
    foreach (var path in paths)
    {
        var digest = Sha256Digest.Create((await File.ReadAllTextAsync($"{path}.sha256")).Split(' ')[0]).OrThrow();
        await using var body = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
        var prepared = (await sessions.PrepareAsync(tenant, digest, body.Length, Path.GetFileName(path), multipart: false, default)).OrThrow();
        if (prepared.Session is { } session)
        {
            (await receiver.TakeFileAsync(session, body, default)).OrThrow();
        }
    }
}

static async Task RestoreAsync(IServiceProvider services, string folder)
{
    var chunks = services.GetRequiredService<ChunkStore>();
    await using var context = await services.GetRequiredService<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync();
    foreach (var file in await context.Files.ToListAsync())
    {
        using var reader = await chunks.OpenAsync(Sha256Digest.Create(file.Sha256).OrThrow(), default) ?? throw new FileNotFoundException(file.Sha256);
        await using var target = new FileStream(Path.Combine(folder, file.Sha256), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, PreallocationSize = file.Size });
        await reader.CopyAsync(0, file.Size - 1, System.IO.Pipelines.PipeWriter.Create(target, new(minimumBufferSize: 1 << 20)), default);
    }
}
