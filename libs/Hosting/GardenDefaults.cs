using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelGarden.GrpcServices.Health;
using ModelGarden.GrpcServices.Reflection;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Calls;
using ModelGarden.Hosting.Errors;
using ModelGarden.Hosting.Health;
using ModelGarden.Hosting.Memory;
using ModelGarden.Hosting.Telemetry;

namespace ModelGarden.Hosting;

/// <summary>What every service has: settings, access, errors, calls to others, health, telemetry, logs, addresses.</summary>
internal static class GardenDefaults
{
    private const int MaximumMessage = 32 << 20;
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    public static void AddGardenDefaults(this WebApplicationBuilder builder, string name)
    {
        var services = builder.Services;
        services.AddOptions<GardenOptions>().BindConfiguration(GardenOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<GardenOptions>, GardenOptionsValidator>();
        services.AddSingleton(new ServiceIdentity(name));
        services.TryAddSingleton(TimeProvider.System);
        services.AddHttpContextAccessor();
        services.AddRouting();
        services.AddSingleton<AccessRules>();
        services.AddSingleton<Peers>();
        services.TryAddSingleton<ISigningKeys, RemoteSigningKeys>();
        services.TryAddSingleton<IServiceTokens, RemoteServiceTokens>();
        services.AddSingleton<Readiness>();
        services.AddGardenHealth();
        services.AddSingleton<HealthReporter>();
        services.AddGardenReflection();
        services.AddGrpc(options =>
        {
            options.MaxReceiveMessageSize = MaximumMessage;
            options.MaxSendMessageSize = MaximumMessage;
            options.Interceptors.Add<ErrorServerInterceptor>();
            options.Interceptors.Add<AccessInterceptor>();
        });
        services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTimeout);
        var startLog = new StartLog();
        services.AddSingleton(startLog);
        builder.Logging.AddFilter(StartLog.Category, startLog.Shows);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning).AddFilter("Yarp", LogLevel.Warning)
            // It warns of every client that hangs up.
            .AddFilter("Yarp.ReverseProxy.Forwarder", LogLevel.Error);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        services.AddSingleton<IConnectionListenerFactory, MemoryListenerFactory>();
        builder.WebHost.ConfigureKestrel((context, kestrel) => Listening.Configure(kestrel, context.Configuration, name));
    }

    public static void UseGardenDefaults(this WebApplication app, ServiceDefinition definition)
    {
        if (app.Services.GetService<IMeterFactory>() is { } meters)
        {
            MetricsCollector.Shared.Name(meters, definition.Name);
        }

        app.Lifetime.ApplicationStarted.Register(app.Services.GetRequiredService<StartLog>().Started);
        app.UseMiddleware<ErrorMiddleware>();
        app.MapHealthEndpoints();
        app.MapMetrics(definition.IsFrontDoor);
        app.MapGardenHealth();
        var rules = app.Services.GetRequiredService<AccessRules>();
        rules.AddOpen("grpc.health.v1.Health");
        _ = app.Services.GetRequiredService<HealthReporter>();
        if (!definition.IsFrontDoor)
        {
            app.UseRouting();
            app.UseMiddleware<CallerMiddleware>();
            app.MapGardenReflection();
            rules.AddOpen("grpc.reflection.v1.ServerReflection");
            rules.AddOpen("grpc.reflection.v1alpha.ServerReflection");
        }
    }
}
