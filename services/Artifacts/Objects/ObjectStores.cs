using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Objects.AzureBlobs;
using ModelGarden.Artifacts.Objects.S3;
using ModelGarden.Hosting;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Objects;

/// <summary>Makes the store that the settings name.</summary>
internal static class ObjectStores
{
    extension(IServiceCollection services)
    {
        public void AddObjectStore()
        {
            services.TryAddSingleton(provider => Create(
                provider.GetRequiredService<IOptions<ArtifactsOptions>>().Value.Store, Path.Combine(provider.GetRequiredService<IOptions<GardenOptions>>().Value.Data, ServiceNames.Artifacts)));
            services.AddHostedService<ObjectStoreStart>();
        }
    }

    /// <summary>Contacts nobody yet: whether a remote store serves is seen by <see cref="IObjectStore.CheckAsync"/>.</summary>
    public static IObjectStore Create(StoreOptions options, string folder) => options.Kind switch
    {
        StoreOptions.Folder => new FolderObjectStore(options.Path is { Length: > 0 } path ? path : folder),

        // Each in a method of its own: the SDK of a store that is not used is not even loaded.
        StoreOptions.S3Kind => CreateS3(options),
        StoreOptions.AzureKind => CreateAzure(options),
        _ => throw new UnreachableException($"'{options.Kind}' was to be refused at start"),
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static S3ObjectStore CreateS3(StoreOptions options) => new(options);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static AzureObjectStore CreateAzure(StoreOptions options) => new(options);
}
