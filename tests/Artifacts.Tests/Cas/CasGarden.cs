using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Tests.Quotas;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Testing;

namespace ModelGarden.Artifacts.Tests.Cas;

/// <summary>Artifacts running for real, with a double of Catalog, and what Xet clients do with it.</summary>
public sealed class CasGarden : IAsyncDisposable
{
    public const string Base = "/garden/v1/xet";
    public const string Repository = "acme/tiny";
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private readonly CommitsDouble _catalog;

    private CasGarden(ArtifactsGarden garden, CommitsDouble catalog) => (Garden, _catalog) = (garden, catalog);

    public ArtifactsGarden Garden { get; }

    public CommitsDouble Catalog => _catalog;

    private static CancellationToken Cancel => Patience.Cancel;

    public static Task<CasGarden> StartAsync(TestDatabase? database = null, TimeProvider? clock = null, params (string, string)[] settings) =>
        StartOverAsync(null, database, clock, settings);

    /// <param name="store">Wraps the store; null: as it is.</param>
    /// <param name="database">Null: SQLite.</param>
    /// <param name="clock">Null: the system's.</param>
    /// <param name="settings">More settings.</param>
    internal static Task<CasGarden> StartOverAsync(Func<IObjectStore, IObjectStore>? store, TestDatabase? database = null, TimeProvider? clock = null, params (string, string)[] settings) =>
        StartWithAsync(store is null ? ArtifactsModule.Definition : ArtifactsGarden.Over(store), database, clock, settings);

    /// <param name="artifacts">As the test has it.</param>
    /// <param name="database">Null: SQLite.</param>
    /// <param name="clock">Null: the system's.</param>
    /// <param name="settings">More settings.</param>
    internal static async Task<CasGarden> StartWithAsync(ServiceDefinition artifacts, TestDatabase? database = null, TimeProvider? clock = null, params (string, string)[] settings)
    {
        var catalog = new CommitsDouble();
        var peer = new ServiceDefinition(
            ServiceNames.Catalog, builder => builder.Services.AddSingleton(catalog), app => app.MapGarden<CommitsDouble>(Contracts.V1.Catalog.Descriptor));
        return new(await ArtifactsGarden.StartWithAsync([peer, artifacts], database, clock, settings), catalog);
    }

    /// <summary>A token as the Hub gives it.</summary>
    public async Task<string> TokenAsync(bool write = true, string tenant = "acme", string repository = Repository, string commit = Commit, bool allowUnclean = true, int lifetime = 0) =>
        (await SignAsync(new() { Tenant = tenant, Repository = repository, Commit = commit, Write = write, AllowUnclean = allowUnclean, LifetimeSeconds = lifetime })).Token;

    public async Task<SignXetAccessResponse> SignAsync(SignXetAccessRequest request) =>
        await Garden.As(People.Service(ServiceNames.Hub)).SignXetAccessAsync(request, cancellationToken: Cancel);

    public void CommitFiles(params byte[][] files) => _catalog.Commit(Repository, Commit, files);

    public void CommitFilesOf(string tenant, params byte[][] files) => _catalog.Commit($"{tenant}/model", Commit, files);

    /// <summary>As the Gateway hands it on. Null: no token at all.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? token, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, Base + path) { Content = content };
        request.Headers.Add("X-Forwarded-Host", "garden.test");
        request.Headers.Add("X-Forwarded-Proto", "https");
        foreach (var (name, value) in token is null ? headers : [("X-Garden-Xet-Token", token), .. headers])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Garden.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    public async Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers) =>
        await SendAsync(HttpMethod.Get, path, await TokenAsync(write: false), null, headers);

    /// <summary>Fetches a URL that was given, as it was given.</summary>
    public Task<HttpResponseMessage> FetchAsync(string url, string? range = null) =>
        Garden.GetAsync(new Uri(url).PathAndQuery, range is null ? [] : [("Range", range)]);

    public async Task<HttpResponseMessage> PostXorbAsync(string hash, byte[] body, string tenant = "acme") =>
        await SendAsync(HttpMethod.Post, $"/v1/xorbs/default/{hash}", await TokenAsync(tenant: tenant, repository: $"{tenant}/tiny"), new ByteArrayContent(body));

    internal async Task<bool> UploadAsync(TestXorb xorb, string tenant = "acme") =>
        (bool)(await JsonAsync(await PostXorbAsync($"{xorb.Hash}", xorb.Body, tenant)))["was_inserted"]!;

    public async Task<HttpResponseMessage> PostShardAsync(byte[] shard, string tenant = "acme", string path = "/v1/shards") =>
        await SendAsync(HttpMethod.Post, path, await TokenAsync(tenant: tenant, repository: $"{tenant}/tiny"), new ByteArrayContent(shard));

    public async Task<int> RegisterAsync(byte[] shard, string tenant = "acme") => (int)(await JsonAsync(await PostShardAsync(shard, tenant)))["result"]!;

    /// <summary>Uploads xorbs and a file made of them, and commits it.</summary>
    internal async Task StoreAsync(TestFile file, params TestXorb[] xorbs)
    {
        foreach (var xorb in xorbs)
        {
            await UploadAsync(xorb);
        }

        Assert.Equal(1, await RegisterAsync(TestFile.Shard([file], xorbs)));
        CommitFiles(file.Bytes);
    }

    public static async Task<JsonNode> JsonAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(Cancel);
            Assert.True(response.StatusCode is HttpStatusCode.OK, $"{(int)response.StatusCode} {text}");
            return JsonNode.Parse(text)!;
        }
    }

    /// <summary>A file's bytes, fetched as a client does: by version 2, every entry in one request.</summary>
    public async Task<byte[]> DownloadAsync(string hash, string? range = null)
    {
        var answer = await JsonAsync(await GetAsync($"/v2/reconstructions/{hash}", range is null ? [] : [("Range", range)]));
        return await Reassembly.OfV2Async(answer, async (url, bytes) => await FetchAsync(url, bytes));
    }

    /// <summary>All that the garden holds of files, xorbs and chunks: rows and objects. What is refused leaves it as it was.</summary>
    public async Task<IReadOnlyList<string>> HeldAsync()
    {
        await UsageProof.DrainAsync(Garden);
        await using var rows = await Garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        var held = new List<string>(Garden.StoredPaths());
        held.AddRange((await rows.Files.ToListAsync(Cancel)).Select(row => $"file {row.Sha256}"));
        held.AddRange((await rows.TenantFiles.ToListAsync(Cancel)).Select(row => $"file {row.Sha256} of {row.Tenant}"));
        held.AddRange((await rows.Layouts.ToListAsync(Cancel)).Select(row => $"layout {row.Sha256} {row.XetHash} {Convert.ToHexString(row.Terms)}"));
        held.AddRange((await rows.FileXorbs.ToListAsync(Cancel)).Select(row => $"xorb {row.Xorb} in {row.Sha256}"));
        held.AddRange((await rows.Xorbs.ToListAsync(Cancel)).Select(row => $"xorb {row.Id} {row.Hash} {row.Object}"));
        held.AddRange((await rows.TenantXorbs.ToListAsync(Cancel)).Select(row => $"xorb {row.Xorb} of {row.Tenant}"));
        held.AddRange((await rows.Chunks.ToListAsync(Cancel)).Select(row => $"chunk {row.Key} {row.Place}"));
        held.AddRange((await rows.Usages.ToListAsync(Cancel)).Select(row => $"{row.Files} files, {row.LogicalBytes}, {row.StoredBytes}, {row.UncountedBytes} bytes of {row.Tenant}"));
        held.AddRange((await rows.TenantChunks.ToListAsync(Cancel)).Select(row => $"chunks {Convert.ToHexString(row.Counts)} of {row.Xorb} by {row.Tenant}"));
        held.Sort(StringComparer.Ordinal);
        return held;
    }

    public ValueTask DisposeAsync() => Garden.DisposeAsync();
}
