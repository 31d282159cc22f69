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
    private readonly ConcurrentDictionary<string, bool> _files = new(StringComparer.Ordinal);

    private int _asked;

    public bool IsDown { get; set; }

    /// <summary>How often.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public ServiceDefinition Definition =>
        new(ServiceNames.Catalog, builder => builder.Services.AddSingleton(this), app => app.MapGarden<RepositoriesDouble>(Catalog.Descriptor));

    public bool Has(byte[] file) => _files.ContainsKey(Sha256Digest.Of(file).Hex);

    public void Commit(byte[] file) => _files[Sha256Digest.Of(file).Hex] = true;

    public void Delete(byte[] file) => _files.TryRemove(Sha256Digest.Of(file).Hex, out _);

    public override Task<FilterUsedFilesResponse> FilterUsedFiles(FilterUsedFilesRequest request, ServerCallContext context)
    {
        Interlocked.Increment(ref _asked);
        return IsDown
            ? throw new ErrorException(Error.Invalid("DOWN", "catalog cannot say"))
            : Task.FromResult(new FilterUsedFilesResponse { Sha256 = { request.Sha256.Where(_files.ContainsKey) } });
    }
}
