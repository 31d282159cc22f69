using System.IO.Pipelines;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ModelGarden.Artifacts;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Uploads;
using ModelGarden.Artifacts.Urls;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Benchmarks.Store;

/// <summary>The service of Artifacts, alone, on a data folder.</summary>
internal sealed class StoreApp(WebApplication app, string address) : IAsyncDisposable
{
    private static readonly TenantName Tenant = TenantName.Create("acme").OrThrow();
    private readonly UploadSessions _sessions = app.Services.GetRequiredService<UploadSessions>();
    private readonly UploadReceiver _receiver = app.Services.GetRequiredService<UploadReceiver>();

    /// <param name="data">The folder; made if it is missing.</param>
    /// <param name="address">Where files are sent to and got from; empty: a socket in the folder.</param>
    public static async Task<StoreApp> StartAsync(string data, string address)
    {
        Directory.CreateDirectory(data);
        var settings = new Dictionary<string, string?> { ["Garden:Data"] = data, ["Garden:ServiceSecret"] = "a secret of benchmarks, long enough for all" };
        foreach (var name in ServiceNames.All)
        {
            settings[$"Garden:Services:{name}:Grpc"] = $"unix:{data}/{name}.sock";
            settings[$"Garden:Services:{name}:Http"] = name == ServiceNames.Artifacts && address.Length > 0 ? address : $"unix:{data}/{name}.http.sock";
        }

        var app = GardenService.Build(
            ArtifactsModule.Definition, [], settings, builder => builder.Services.Replace(ServiceDescriptor.Singleton<ISigningKeys>(new GatewayKey())));
        await app.StartAsync();
        return new(app, address);
    }

    public async Task IngestAsync(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            await using var body = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
            if (await PrepareAsync(path) is { } session)
            {
                (await _receiver.TakeFileAsync(session, body, default)).OrThrow();
            }
        }
    }

    public async Task RestoreAsync(string folder)
    {
        var chunks = app.Services.GetRequiredService<ChunkStore>();
        await using var context = await app.Services.GetRequiredService<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync();
        foreach (var file in await context.Files.ToListAsync())
        {
            using var reader = await chunks.OpenAsync(Sha256Digest.Create(file.Sha256).OrThrow(), default) ?? throw new FileNotFoundException(file.Sha256);
            await using var target = new FileStream(Path.Combine(folder, file.Sha256), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, PreallocationSize = file.Size });
            await reader.CopyAsync(0, file.Size - 1, PipeWriter.Create(target, new(minimumBufferSize: 1 << 20)), default);
        }
    }

    /// <summary>See <see cref="AddedFile"/>.</summary>
    public Task AddAsync(int xorbs, TimeSpan after) => AddedFile.RunAsync(app.Services, xorbs, after);

    /// <summary>One line for each that comes, until there are no more.</summary>
    public async Task AnswerAsync(TextReader asked, TextWriter answers)
    {
        await answers.WriteLineAsync("ready");
        while (await asked.ReadLineAsync() is { } line)
        {
            var path = line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..];
            await answers.WriteLineAsync(line.Split(' ')[0] switch
            {
                "up" => await UploadUrlAsync(path),
                "down" => await DownloadUrlAsync(path),
                "token" => GatewayKey.Token(),
                _ => throw new ArgumentException($"'{line}' is none of up, down and token"),
            });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private async Task<UploadSession?> PrepareAsync(string path) =>
        (await _sessions.PrepareAsync(Sender.Of(Tenant), await DigestOfAsync(path), new FileInfo(path).Length, multipart: false, default)).OrThrow().Session;

    private async Task<string> UploadUrlAsync(string path)
    {
        var session = await PrepareAsync(path) ?? throw new InvalidOperationException($"{path} is stored already");
        return Sign(UrlUse.Upload, Routes.Upload(session.Id));
    }

    private async Task<string> DownloadUrlAsync(string path) => Sign(UrlUse.Read, Routes.File(await DigestOfAsync(path)));

    private string Sign(UrlUse use, string path) =>
        address + app.Services.GetRequiredService<UrlSigner>().Sign(new(use, path, Tenant.Value, "", DateTimeOffset.UtcNow.AddHours(6)));

    private static async Task<Sha256Digest> DigestOfAsync(string path) => Sha256Digest.Create((await File.ReadAllTextAsync($"{path}.sha256")).Split(' ')[0]).OrThrow();
}

/// <summary>What the Gateway would add to each request that it passes on: who asks, signed.</summary>
internal sealed class GatewayKey : ISigningKeys
{
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static string Token() => InternalToken.Sign(new() { Kind = PrincipalKind.Anonymous }, "benchmark", Key, DateTimeOffset.UtcNow);

    public ValueTask<ECDsa?> FindAsync(string keyId, CancellationToken cancellationToken) => new(Key);
}
