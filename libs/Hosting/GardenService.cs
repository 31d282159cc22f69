using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Feeds;
using ModelGarden.Hosting.Health;
using ModelGarden.Hosting.Telemetry;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace ModelGarden.Hosting;

/// <summary>Builds and runs a service the way every service is run.</summary>
public static class GardenService
{
    /// <summary>
    /// A service's whole <c>Program</c>: runs it until it is told to stop (SIGTERM, SIGINT). 0: stopped; 1: could not start or broke down, said
    /// on standard error in one line a fault.
    /// </summary>
    public static async Task<int> RunAsync(ServiceDefinition definition, string[] args)
    {
        try
        {
            OtlpExport.Start($"garden-{definition.Name}");
            await using var app = Build(definition, args, null, null, isAlone: true);
            var background = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
            await StartAsync(app);
            await SayReadyAsync(app, definition.Name, app.Lifetime.ApplicationStopping);
            await app.WaitForShutdownAsync();
            // The host has logged why, and stopped for it: who restarts services must see that this was no wish of his.
            return background.Any(service => service.ExecuteTask?.IsFaulted is true) ? 1 : 0;
        }
        catch (Exception exception) when (StartFaults.IsExpected(exception))
        {
            foreach (var line in StartFaults.Lines(exception))
            {
                await Console.Error.WriteLineAsync($"{definition.Name}: {line}");
            }

            return 1;
        }
    }

    private static async Task StartAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Told to stop, or a part broke down, while the others were still starting.
        }
    }

    /// <summary>One line on standard output, for people and for whoever waits for it.</summary>
    private static async Task SayReadyAsync(WebApplication app, string name, CancellationToken stopping)
    {
        try
        {
            await app.Services.GetRequiredService<Readiness>().WhenReadyAsync(stopping);
            await Console.Out.WriteLineAsync($"{name} is ready");
        }
        catch (OperationCanceledException)
        {
            // Told to stop before it was.
        }
    }

    /// <summary>The host of one service, built and not started. It stops when it is told to, not by signals: those are its owner's.</summary>
    /// <param name="definition">Which service.</param>
    /// <param name="args">Settings as on a command line: <c>--Garden:Data=/data</c>.</param>
    /// <param name="settings">Settings that come before all others; AppHost passes them.</param>
    /// <param name="last">Registers parts after all others; tests replace Identity's keys and the clock here.</param>
    /// <exception cref="OptionsValidationException">A setting is missing or wrong.</exception>
    public static WebApplication Build(
        ServiceDefinition definition, string[] args, IReadOnlyDictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? last = null)
    {
        OtlpExport.Start("garden");
        return Build(definition, args, settings, last, isAlone: false);
    }

    private static WebApplication Build(
        ServiceDefinition definition, string[] args, IReadOnlyDictionary<string, string?>? settings, Action<WebApplicationBuilder>? last, bool isAlone)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = $"garden-{definition.Name}", ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddEnvironmentVariables().AddCommandLine(args).AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        builder.AddGardenDefaults(definition.Name);
        if (!isAlone)
        {
            builder.Services.AddSingleton<IHostLifetime, OwnedLifetime>();
        }

        definition.Add(builder);
        last?.Invoke(builder);
        var app = builder.Build();
        // Before anything is made that reads a setting: so all faults are told at once, each by the name to set it under.
        app.Services.GetService<IStartupValidator>()?.Validate();
        app.UseGardenDefaults(definition);
        definition.Map(app);
        return app;
    }

    extension(Microsoft.AspNetCore.Routing.IEndpointRouteBuilder routes)
    {
        /// <summary>Maps a gRPC service under the access rules of its proto.</summary>
        public GrpcServiceEndpointConventionBuilder MapGarden<TService>(ServiceDescriptor descriptor)
            where TService : class
        {
            routes.ServiceProvider.GetRequiredService<AccessRules>().Add(descriptor);
            routes.ServiceProvider.GetRequiredService<HealthReporter>().Add(descriptor.FullName);
            return routes.MapGrpcService<TService>();
        }
    }

    extension(IServiceCollection services)
    {
        /// <summary>Follows a service's change feed with this handler.</summary>
        /// <param name="service">Whose feed.</param>
        /// <param name="required">The service is not ready before it has caught up; false: it can do its work without.</param>
        public IServiceCollection AddFeedFollower<THandler>(string service, bool required = true)
            where THandler : class, IFeedHandler
        {
            services.TryAddSingleton<THandler>();
            return services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<FeedFollower<THandler>>(
                provider, new FeedSource(service, required), provider.GetRequiredService<THandler>()));
        }
    }
}
