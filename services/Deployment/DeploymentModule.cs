using Microsoft.Extensions.Options;
using ModelGarden.Deployment.Endpoints;
using ModelGarden.Deployment.Engines;
using ModelGarden.Deployment.Files;
using ModelGarden.Deployment.Licenses;
using ModelGarden.Deployment.Reconciling;
using ModelGarden.Hosting;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Deployment;

/// <summary>Registers and maps the Deployment service.</summary>
public static class DeploymentModule
{
    public static ServiceDefinition Definition { get; } = new(ServiceNames.Deployment, Add, Map);

    private static void Add(WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<DeploymentOptions>().BindConfiguration(DeploymentOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<DeploymentOptions>, DeploymentOptionsValidator>();
        services.AddGardenStore<DeploymentDbContext>();
        services.AddSingleton<EndpointStore>();
        services.AddSingleton(provider => ToManifest(provider.GetRequiredService<IOptions<DeploymentOptions>>().Value));
        services.AddSingleton<IFileSource, ArtifactsFileSource>();
        services.AddSingleton<DeploymentMetrics>();
        services.AddSingleton<Withdrawals>();
        services.AddSingleton<ReconcilerParts>();
        services.AddSingleton<WishResolver>();
        services.AddSingleton<EndpointDesk>();
        services.AddSingleton<Reconcilers>();
        services.AddHostedService(provider => provider.GetRequiredService<Reconcilers>());
        // Not required: what runs goes on while Entitlement is away.
        services.AddFeedFollower<LicenseFeed>(ServiceNames.Entitlement, required: false);
    }

    private static EngineManifest ToManifest(DeploymentOptions options) => EngineManifest.Load(options.Engines).OrThrow().Offering(options.Runtimes).OrThrow();

    private static void Map(WebApplication app)
    {
        app.MapGarden<DeploymentService>(Contracts.V1.Deployment.Descriptor);
        app.MapChangeFeed<DeploymentDbContext>();
    }
}
