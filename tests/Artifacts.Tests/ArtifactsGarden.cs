using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Uploads;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using Contract = ModelGarden.Contracts.V1.Artifacts;

namespace ModelGarden.Artifacts.Tests;

/// <summary>Artifacts running for real, with parts of 64 KiB so that tests need few bytes, and what clients do with it.</summary>
public sealed class ArtifactsGarden : IAsyncDisposable
{
    public const int PartSize = 64 << 10;
    private readonly TestGarden _garden;

    private ArtifactsGarden(TestGarden garden)
    {
        _garden = garden;
        Http = garden.Http(ServiceNames.Artifacts, People.Anonymous);
    }

    public static CancellationToken Cancel => Patience.Cancel;

    /// <summary>What the Gateway sends on for somebody without a token.</summary>
    public HttpClient Http { get; }

    public TestGarden Garden => _garden;

    public static Task<ArtifactsGarden> StartAsync(TestDatabase? database = null, TimeProvider? clock = null, params (string Key, string Value)[] settings) =>
        StartWithAsync([], database, clock, settings);

    /// <summary>Artifacts over a store that a test wraps.</summary>
    internal static ServiceDefinition Over(Func<IObjectStore, IObjectStore> wrap)
    {
        var definition = ArtifactsModule.Definition;
        return definition with
        {
            Add = builder =>
            {
                definition.Add(builder);
                var own = builder.Services.Last(service => service.ServiceType == typeof(IObjectStore)).ImplementationFactory!;
                builder.Services.Replace(ServiceDescriptor.Singleton(provider => wrap((IObjectStore)own(provider))));
            },
        };
    }

    /// <summary>Artifacts, unless one of its own is given, and what it calls.</summary>
    public static async Task<ArtifactsGarden> StartWithAsync(ServiceDefinition[] peers, TestDatabase? database, TimeProvider? clock, params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string> { ["Artifacts:PartSize"] = $"{PartSize}", ["Artifacts:MaximumFileSize"] = $"{100L << 30}" };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return new(await TestGarden.StartAsync(database, clock, all, peers.Any(peer => peer.Name is ServiceNames.Artifacts) ? peers : [.. peers, ArtifactsModule.Definition]));
    }

    public Contract.ArtifactsClient As(Principal principal) => new(_garden.As(principal, ServiceNames.Artifacts));

    public static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public async Task<PrepareUploadResponse> PrepareAsync(byte[] bytes, string tenant = "acme", bool multipart = false) =>
        await As(People.Engineer(tenant)).PrepareUploadAsync(
            new() { Sha256 = Sha256Digest.Of(bytes).Hex, Size = bytes.Length, Multipart = multipart }, cancellationToken: Cancel);

    /// <summary>Prepares to send part after part; again, to go on.</summary>
    public async Task<PrepareUploadResponse> PrepareResumableAsync(byte[] bytes, string tenant = "acme") => await As(People.Engineer(tenant)).PrepareUploadAsync(
        new() { Sha256 = Sha256Digest.Of(bytes).Hex, Size = bytes.Length, Resumable = true }, cancellationToken: Cancel);

    /// <summary>How far it is, and whether it is complete.</summary>
    public async Task<(long Offset, bool IsComplete)> ProgressAsync(PrepareUploadResponse upload)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, upload.AppendUrl);
        using var response = await Http.SendAsync(request, Cancel);
        // Not asserted: a garden that dies answers as it can, and who kills it looks for this exception.
        return response.StatusCode is HttpStatusCode.NoContent ? ProgressOf(response) : throw new HttpRequestException($"HEAD of an upload: {response.StatusCode}", null, response.StatusCode);
    }

    public static (long Offset, bool IsComplete) ProgressOf(HttpResponseMessage response) => (
        long.Parse(response.Headers.GetValues("Upload-Offset").Single(), System.Globalization.CultureInfo.InvariantCulture), response.Headers.GetValues("Upload-Complete").Single() is "?1");

    /// <summary>Appends the part that begins there, as a good client does.</summary>
    public Task<HttpResponseMessage> AppendAsync(PrepareUploadResponse upload, byte[] bytes, int offset)
    {
        var part = bytes[offset..Math.Min(bytes.Length, offset + PartSize)];
        return AppendAsync(upload.AppendUrl, offset, offset + part.Length == bytes.Length, Sha256Digest.Of(part), new ByteArrayContent(part));
    }

    public async Task<HttpResponseMessage> AppendAsync(string url, long offset, bool isLast, Sha256Digest? digest, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, url) { Content = content };
        request.Headers.Add("Upload-Offset", $"{offset}");
        request.Headers.Add("Upload-Complete", isLast ? "?1" : "?0");
        content.Headers.ContentType = new("application/partial-upload");
        if (digest is { } sha256)
        {
            content.Headers.Add("Content-Digest", $"sha-512=:AAAA:, sha-256=:{Convert.ToBase64String(Convert.FromHexString(sha256.Hex))}:");
        }

        return await Http.SendAsync(request, Cancel);
    }

    public Task<HttpResponseMessage> PutAsync(string url, ReadOnlyMemory<byte> bytes) => Http.PutAsync(url, new ReadOnlyMemoryContent(bytes), Cancel);

    /// <summary>Sends part <paramref name="number"/> of these bytes; its ETag.</summary>
    public async Task<string> PutPartAsync(PrepareUploadResponse upload, byte[] bytes, int number)
    {
        using var response = await PutAsync(upload.PartUrls[number - 1], bytes.AsMemory((number - 1) * PartSize, Math.Min(PartSize, bytes.Length - ((number - 1) * PartSize))));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response.Headers.ETag!.ToString();
    }

    public Task<HttpResponseMessage> CompleteAsync(PrepareUploadResponse upload, byte[] bytes, params (int Number, string Etag)[] parts) => Http.PostAsJsonAsync(
        upload.CompletionUrl,
        new { oid = Sha256Digest.Of(bytes).Hex, parts = parts.Select(part => new { partNumber = part.Number, etag = part.Etag }).ToArray() },
        Cancel);

    /// <summary>Uploads in one request; the file as its tenant then sees it.</summary>
    public async Task<StoredFile> UploadAsync(byte[] bytes, string tenant = "acme")
    {
        using var response = await PutAsync((await PrepareAsync(bytes, tenant)).Url, bytes);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return Assert.Single(await FilesAsync(People.Engineer(tenant), bytes));
    }

    public async Task<IReadOnlyList<StoredFile>> FilesAsync(Principal principal, params byte[][] files)
    {
        var request = new GetFilesRequest { Sha256 = { files.Select(bytes => Sha256Digest.Of(bytes).Hex) } };
        return (await As(principal).GetFilesAsync(request, cancellationToken: Cancel)).Files;
    }

    public Task<string> SignAsync(byte[] bytes, string name = "", int lifetime = 0, bool allowUnclean = true, string tenant = "acme") =>
        SignAsync(Sha256Digest.Of(bytes).Hex, name, lifetime, allowUnclean, tenant);

    public async Task<string> SignAsync(string sha256, string name = "", int lifetime = 0, bool allowUnclean = true, string tenant = "acme")
    {
        var request = new SignDownloadRequest { Sha256 = sha256, Tenant = tenant, FileName = name, LifetimeSeconds = lifetime, AllowUnclean = allowUnclean };
        return (await As(People.Service(ServiceNames.Hub)).SignDownloadAsync(request, cancellationToken: Cancel)).Url;
    }

    public async Task<HttpResponseMessage> GetAsync(string url, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Http.SendAsync(request, Cancel);
    }

    /// <summary>That an answer refuses with this status and reason, as the Hub says it.</summary>
    internal static async Task RefusedAsync(HttpStatusCode status, string reason, HttpResponseMessage response)
    {
        using (response)
        {
            var words = (string?)(await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["error"];
            Assert.Equal((status, reason), (response.StatusCode, response.Headers.GetValues("X-Error-Code").Single()));
            Assert.Equal(words, response.Headers.GetValues("X-Error-Message").Single());
        }
    }

    /// <summary>The files of objects, parts and temporary ones that the store's folder holds.</summary>
    public IReadOnlyList<string> StoredPaths() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(_garden.Data, "artifacts"), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Path.Combine(_garden.Data, "artifacts"), path))
            .Where(path => path.Contains('/', StringComparison.Ordinal) && !path.EndsWith(".lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];

    internal T Part<T>()
        where T : notnull => _garden.PartsOf(ServiceNames.Artifacts).GetRequiredService<T>();

    public Task RestartAsync() => _garden.RestartAsync(ArtifactsModule.Definition);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _garden.DisposeAsync();
    }
}
