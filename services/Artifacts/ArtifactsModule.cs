using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Cas;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Collection;
using ModelGarden.Artifacts.Conversion;
using ModelGarden.Artifacts.Downloads;
using ModelGarden.Artifacts.Examination;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Integrity;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Quotas;
using ModelGarden.Artifacts.Uploads;
using ModelGarden.Artifacts.Urls;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;
using ModelGarden.Persistence;
using ModelGarden.Scanning;
using Contract = ModelGarden.Contracts.V1.Artifacts;

namespace ModelGarden.Artifacts;

/// <summary>Registers and maps the Artifacts service.</summary>
public static class ArtifactsModule
{
    public static ServiceDefinition Definition { get; } = new(ServiceNames.Artifacts, Add, Map);

    // Of Kestrel's own 64 KiB a fast client has drunk up each before the next is read.
    private const int ResponseBuffer = 1 << 20;

    private static void Add(WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxResponseBufferSize = ResponseBuffer);
        var services = builder.Services;
        services.AddOptions<ArtifactsOptions>().BindConfiguration(ArtifactsOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ArtifactsOptions>, ArtifactsOptionsValidator>();
        services.AddGardenStore<ArtifactsDbContext>();
        services.AddPrivateStore();
        services.AddObjectStore();
        services.AddSingleton<ArtifactsMetrics>();
        services.AddSingleton<XorbCache>();
        services.AddSingleton<OpenXorbs>();
        services.AddSingleton<Xorbs>();
        services.AddSingleton<XorbWriters>();
        services.AddSingleton<ChunkSharing>();
        services.AddSingleton<FileLayouts>();
        services.AddSingleton<ChunkChecks>();
        services.AddSingleton<ChunkStore>();
        services.AddSingleton<UrlKeyring>();
        services.AddHostedService(provider => provider.GetRequiredService<UrlKeyring>());
        services.AddSingleton<UrlSigner>();
        services.AddSingleton<Examiner>();
        services.AddSingleton<TensorReader>();
        services.AddFileScanners();
        services.AddSingleton<ExaminationQueue>();
        services.AddHostedService<ExaminationWorker>();
        services.AddSingleton<ConversionQueue>();
        services.AddSingleton<Conversions>();
        services.AddSingleton<StatementKeyring>();
        services.AddHostedService(provider => provider.GetRequiredService<StatementKeyring>());
        services.AddSingleton<StatementSigner>();
        services.AddSingleton<Converter>();
        services.AddHostedService<ConversionWorker>();
        services.AddSingleton<XorbFaults>();
        services.AddSingleton<ChunkCensus>();
        services.AddSingleton<UsageLedger>();
        services.AddSingleton<UsageCounter>();
        services.AddHostedService<UsageWorker>();
        services.AddSingleton<StorageQuotas>();
        services.AddSingleton<Admission>();
        services.AddSingleton<StoredFiles>();
        services.AddSingleton<UploadSessions>();
        services.AddSingleton<UploadParts>();
        services.AddSingleton<UploadReceiver>();
        services.AddSingleton<Completions>();
        services.AddHostedService(provider => provider.GetRequiredService<Completions>());
        services.AddSingleton<UploadGate>();
        services.AddSingleton<AppendEndpoints>();
        services.AddSingleton<UploadSweeper>();
        services.AddHostedService(provider => provider.GetRequiredService<UploadSweeper>());
        services.AddSingleton<UploadEndpoints>();
        services.AddSingleton<DownloadGate>();
        services.AddSingleton<DownloadEndpoints>();
        services.AddSingleton<CatalogFiles>();
        services.AddSingleton<FileCollection>();
        services.AddSingleton<HoldCollection>();
        services.AddSingleton<XorbRewriter>();
        services.AddSingleton<XorbCollection>();
        services.AddSingleton<ObjectCollection>();
        services.AddSingleton<CollectionSchedule>();
        services.AddSingleton<Collector>();
        services.AddHostedService<CollectionWorker>();
        services.AddSingleton<ReplicaStore>();
        services.AddSingleton<XorbRepair>();
        services.AddSingleton<Scrubber>();
        services.AddSingleton<IntegrityReport>();
        services.AddHostedService<ScrubWorker>();
        services.AddSingleton<PublicAddress>();
        services.AddSingleton<XetTokens>();
        services.AddSingleton<CasDesk>();
        services.AddSingleton<CommitFiles>();
        services.AddSingleton<SegmentUrls>();
        services.AddSingleton<SegmentEndpoints>();
        services.AddSingleton<ReconstructionEndpoints>();
        services.AddSingleton<XorbEndpoints>();
        services.AddSingleton<ReadableFiles>();
        services.AddSingleton<Reconstructor>();
        services.AddSingleton<ShardGate>();
        services.AddSingleton<ShardFiles>();
        services.AddSingleton<ShardRegistrar>();
        services.AddSingleton<ShardEndpoints>();
        services.AddSingleton<ArtifactsService>();
    }

    private static void Map(WebApplication app)
    {
        app.MapGarden<ArtifactsService>(Contract.Descriptor);
        app.MapChangeFeed<ArtifactsDbContext>();
        var uploads = app.Services.GetRequiredService<UploadEndpoints>();
        app.MapPut($"{Routes.Base}/uploads/{{session}}", Refusing(uploads.PutFileAsync));
        var appends = app.Services.GetRequiredService<AppendEndpoints>();
        app.MapMethods($"{Routes.Base}/uploads/{{session}}", [HttpMethods.Head], Refusing(appends.HeadAsync));
        app.MapPatch($"{Routes.Base}/uploads/{{session}}", Refusing(appends.PatchAsync));
        app.MapPut($"{Routes.Base}/uploads/{{session}}/parts/{{number}}", Refusing(uploads.PutPartAsync));
        app.MapPost($"{Routes.Base}/uploads/{{session}}/complete", Refusing(uploads.CompleteAsync));
        CasRoutes.Map(app, Refusing);
        var downloads = app.Services.GetRequiredService<DownloadEndpoints>();
        app.MapMethods($"{Routes.Base}/{{sha256}}", [HttpMethods.Get, HttpMethods.Head], Refusing(downloads.GetAsync));
        app.MapMethods($"{Routes.Base}/{Routes.AnyVerdict}/{{sha256}}", [HttpMethods.Get, HttpMethods.Head], Refusing(downloads.GetUncleanAsync));
    }

    /// <summary>Says refusals as the Hub does: it is the Hub's clients who follow signed URLs.</summary>
    private static RequestDelegate Refusing(RequestDelegate endpoint) => async context =>
    {
        try
        {
            await endpoint(context);
        }
        catch (ErrorException exception)
        {
            await HubErrors.WriteAsync(context, exception.Error);
        }
        catch (ObjectStoreException exception)
        {
            await StoreFaults.AnswerAsync(context, exception);
        }
    };
}
