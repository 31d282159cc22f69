using ModelGarden.Hosting;
using ModelGarden.Persistence;
using ModelGarden.Rights;
using ModelGarden.Serving.Endpoints;
using ModelGarden.Serving.Forwarding;
using ModelGarden.Serving.Kserve;
using ModelGarden.Serving.Metering;
using ModelGarden.Serving.OpenAi;

namespace ModelGarden.Serving;

/// <summary>Registers and maps the Serving service: calls in foreign inference protocols, brought to replicas and metered.</summary>
public static class ServingModule
{
    public static ServiceDefinition Definition { get; } = new(ServiceNames.Serving, Add, Map);

    private static void Add(WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<ServingOptions>().BindConfiguration(ServingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddGardenStore<ServingDbContext>();
        services.AddSingleton<ServingMetrics>();
        services.AddSingleton<EndpointTable>();
        services.AddFeedFollower<EndpointFeed>(ServiceNames.Deployment);
        services.AddSingleton<ReplicaGate>();
        services.AddSingleton<ReplicaClient>();
        services.AddRights();
        services.AddSingleton<CallGate>();
        services.AddHostedService<ActivityReporter>();
        services.AddSingleton<UsageOutbox>();
        services.AddHostedService(provider => provider.GetRequiredService<UsageOutbox>());
        services.AddHostedService<UsageSender>();
    }

    private static void Map(WebApplication app)
    {
        app.MapOpenAi();
        app.MapKserve();
    }
}
