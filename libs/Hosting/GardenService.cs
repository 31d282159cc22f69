using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Calls;
using ModelGarden.Hosting.Errors;
using ModelGarden.Hosting.Feeds;
using ModelGarden.Hosting.Health;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace ModelGarden.Hosting;

/// <summary>Builds and runs a service the way every service is run.</summary>
public static class GardenService
{
    private const int MaximumMessage = 32 << 20;

    // A message and its frame; endpoints that take files lift it for themselves.
    private const int MaximumBody = 40 << 20;

    /// <summary>A service's whole <c>Program</c>: runs it until it is told to stop. 0: stopped; 1: could not start, said on standard error.</summary>
    public static async Task<int> RunAsync(ServiceDefinition definition, string[] args)
    {
        try
        {
            await using var app = Build(definition, args);
            await app.StartAsync();
            var stopping = app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            await SayReadyAsync(app, definition.Name, stopping);
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception exception) when (exception is OptionsValidationException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"{definition.Name}: {exception.Message}");
            return 1;
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

    /// <summary>The host of one service, built and not started.</summary>
    /// <param name="definition">Which service.</param>
    /// <param name="args">Settings as on a command line: <c>--Garden:Data=/data</c>.</param>
    /// <param name="settings">Settings that come before all others; AppHost passes them.</param>
    /// <param name="last">Registers parts after all others; tests replace Identity's keys and the clock here.</param>
    public static WebApplication Build(
        ServiceDefinition definition, string[] args, IReadOnlyDictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? last = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = $"garden-{definition.Name}", ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddEnvironmentVariables().AddCommandLine(args).AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        builder.AddGardenDefaults(definition.Name);
        definition.Add(builder);
        last?.Invoke(builder);
        var app = builder.Build();
        app.UseGardenDefaults(definition.IsFrontDoor);
        definition.Map(app);
        return app;
    }

    private static void AddGardenDefaults(this WebApplicationBuilder builder, string name)
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
        services.AddGrpc(options =>
        {
            options.MaxReceiveMessageSize = MaximumMessage;
            options.MaxSendMessageSize = MaximumMessage;
            options.Interceptors.Add<ErrorServerInterceptor>();
            options.Interceptors.Add<AccessInterceptor>();
        });
        services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(30));
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning).AddFilter("Yarp", LogLevel.Warning);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel((context, kestrel) => Listen(kestrel, context.Configuration, name));
    }

    private static void Listen(KestrelServerOptions kestrel, IConfiguration configuration, string name)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaximumBody;
        var own = configuration.GetSection($"{GardenOptions.Section}:Services:{name}");
        var listen = configuration.GetSection($"{GardenOptions.Section}:Listen");
        Listen(kestrel, listen["Grpc"] ?? own["Grpc"], HttpProtocols.Http2);
        Listen(kestrel, listen["Http"] ?? own["Http"], HttpProtocols.Http1);
    }

    private static void Listen(KestrelServerOptions kestrel, string? text, HttpProtocols protocols)
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        var address = ServiceAddress.Create(text).OrThrow();
        if (address.SocketPath is { } path)
        {
            // A socket left behind by a killed process: nobody can be listening on it, the data folder is locked by us.
            File.Delete(path);
            kestrel.ListenUnixSocket(path, endpoint => endpoint.Protocols = protocols);
        }
        else if (address.Uri.Host is "localhost")
        {
            kestrel.ListenLocalhost(address.Uri.Port, endpoint => endpoint.Protocols = protocols);
        }
        else
        {
            kestrel.Listen(IPAddress.TryParse(address.Uri.Host, out var ip) ? ip : IPAddress.Any, address.Uri.Port, endpoint => endpoint.Protocols = protocols);
        }
    }

    private static void UseGardenDefaults(this WebApplication app, bool isFrontDoor)
    {
        app.UseMiddleware<ErrorMiddleware>();
        if (!isFrontDoor)
        {
            app.UseMiddleware<CallerMiddleware>();
            app.UseRouting();
        }

        app.MapGardenHealth();
    }

    extension(Microsoft.AspNetCore.Routing.IEndpointRouteBuilder routes)
    {
        /// <summary>Maps a gRPC service under the access rules of its proto.</summary>
        public GrpcServiceEndpointConventionBuilder MapGarden<TService>(ServiceDescriptor descriptor)
            where TService : class
        {
            routes.ServiceProvider.GetRequiredService<AccessRules>().Add(descriptor);
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
