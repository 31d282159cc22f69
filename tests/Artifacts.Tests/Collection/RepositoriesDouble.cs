using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Tests.Collection;

/// <summary>Catalog, as far as a collection asks it: which files repositories have.</summary>
public sealed class RepositoriesDouble : Catalog.CatalogBase
{
    private readonly ConcurrentDictionary<(string Sha256, string Tenant), bool> _files = new();
    private int _asked;

    public bool IsDown { get; set; }

    /// <summary>How often.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public ServiceDefinition Definition =>
        new(ServiceNames.Catalog, builder => builder.Services.AddSingleton(this), app => app.MapGarden<RepositoriesDouble>(Catalog.Descriptor));

    public bool Has(byte[] file) => IsUsed(Sha256Digest.Of(file).Hex);

    public bool Has(byte[] file, string tenant) => _files.ContainsKey((Sha256Digest.Of(file).Hex, tenant));

    public void Commit(byte[] file, string tenant = "acme") => _files[(Sha256Digest.Of(file).Hex, tenant)] = true;

    public void Delete(byte[] file, string tenant = "acme") => _files.TryRemove((Sha256Digest.Of(file).Hex, tenant), out _);

    public override Task<FilterUsedFilesResponse> FilterUsedFiles(FilterUsedFilesRequest request, ServerCallContext context)
    {
        Interlocked.Increment(ref _asked);
        return IsDown
            ? throw new ErrorException(Error.Invalid("DOWN", "catalog cannot say"))
            : Task.FromResult(new FilterUsedFilesResponse { Sha256 = { request.Sha256.Where(IsUsed) } });
    }

    public override Task<FilterUsedHoldsResponse> FilterUsedHolds(FilterUsedHoldsRequest request, ServerCallContext context) => IsDown
        ? throw new ErrorException(Error.Invalid("DOWN", "catalog cannot say"))
        : Task.FromResult(new FilterUsedHoldsResponse { Holds = { request.Holds.Where(hold => _files.ContainsKey((hold.Sha256, hold.Tenant))) } });

    private bool IsUsed(string sha256) => _files.Keys.Any(file => file.Sha256 == sha256);
}
