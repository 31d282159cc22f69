using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Calls;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Authentication;
using ModelGarden.Identity.Keys;
using ModelGarden.Identity.Tokens;
using ModelGarden.Persistence;

namespace ModelGarden.Identity;

/// <summary>Registers and maps the Identity service.</summary>
public static class IdentityModule
{
    public static ServiceDefinition Definition { get; } = new(ServiceNames.Identity, Add, Map);

    private static void Add(WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<IdentityOptions>().BindConfiguration(GardenOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<IdentityOptions>, IdentityOptionsValidator>();
        services.AddGardenStore<IdentityDbContext>();
        // Before the store is first opened.
        services.Insert(0, ServiceDescriptor.Singleton<IHostedService, PrivateStore>());
        AddKeys(services);
        services.AddHostedService<Bootstrap>();
        services.TryAddSingleton<IdentityMetrics>();
        services.TryAddSingleton<AccountDirectory>();
        services.TryAddSingleton<AccountMaker>();
        services.TryAddSingleton<TokenBook>();
        services.TryAddSingleton<TokenUse>();
        services.AddHostedService(provider => provider.GetRequiredService<TokenUse>());
        services.TryAddSingleton<Authenticator>();
        services.TryAddSingleton<ServiceDoor>();
        services.TryAddSingleton<IdentityService>();
        // Not waited for: Entitlement verifies our token with keys that it asks of us.
        services.AddFeedFollower<MemberDirectory>(ServiceNames.Entitlement, required: false);
    }

    /// <summary>Identity asks itself for keys and for its own token, not over the wire.</summary>
    private static void AddKeys(IServiceCollection services)
    {
        services.TryAddSingleton<KeyStore>();
        services.TryAddSingleton<KeyRing>();
        services.AddHostedService<KeyKeeper>();
        services.TryAddSingleton<OwnToken>();
        services.Replace(ServiceDescriptor.Singleton<ISigningKeys>(provider => provider.GetRequiredService<KeyRing>()));
        services.Replace(ServiceDescriptor.Singleton<IServiceTokens>(provider => provider.GetRequiredService<OwnToken>()));
    }

    private static void Map(WebApplication app)
    {
        app.MapGarden<IdentityService>(Contracts.V1.Identity.Descriptor);
        app.MapChangeFeed<IdentityDbContext>();
    }
}
