using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Calls;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Authentication;
using ModelGarden.Identity.Invitations;
using ModelGarden.Identity.Keys;
using ModelGarden.Identity.OAuth;
using ModelGarden.Identity.Pages;
using ModelGarden.Identity.Passwords;
using ModelGarden.Identity.SecondFactors;
using ModelGarden.Identity.Sessions;
using ModelGarden.Identity.SignIn;
using ModelGarden.Identity.Tokens;
using ModelGarden.Identity.Trust;
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
        services.AddPrivateStore();
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
        AddPeople(services);
        AddPrograms(services);
        services.TryAddSingleton<IdentityService>();
        // Not waited for: Entitlement verifies our token with keys that it asks of us.
        services.AddFeedFollower<MemberDirectory>(ServiceNames.Entitlement, required: false);
    }

    /// <summary>Identity asks itself for keys and for its own token, not over the wire.</summary>
    private static void AddKeys(IServiceCollection services)
    {
        services.TryAddSingleton<KeyStore>();
        services.TryAddSingleton<KeyRing>();
        services.TryAddSingleton<OutsideKeyStore>();
        services.TryAddSingleton<OutsideKeys>();
        services.AddHostedService<KeyKeeper>();
        services.TryAddSingleton<OwnToken>();
        services.Replace(ServiceDescriptor.Singleton<ISigningKeys>(provider => provider.GetRequiredService<KeyRing>()));
        services.Replace(ServiceDescriptor.Singleton<IServiceTokens>(provider => provider.GetRequiredService<OwnToken>()));
    }

    /// <summary>How people come in, and what they are shown.</summary>
    private static void AddPeople(IServiceCollection services)
    {
        services.TryAddSingleton<PublicAddress>();
        services.TryAddSingleton<PasswordHashing>();
        services.TryAddSingleton<PasswordBook>();
        services.TryAddSingleton<TryCounter>();
        services.TryAddSingleton<AddressGate>();
        services.TryAddSingleton<RefusalTrail>();
        services.AddHostedService(provider => provider.GetRequiredService<RefusalTrail>());
        services.TryAddSingleton<SignInDesk>();
        services.TryAddSingleton<SessionBook>();
        services.TryAddSingleton<SessionDesk>();
        services.TryAddSingleton<SecondFactorBook>();
        services.TryAddSingleton<SignInRules>();
        services.TryAddSingleton<LinkMakers>();
        services.TryAddSingleton<InvitationBook>();
        services.TryAddSingleton<PageWriter>();
        services.TryAddSingleton<Sweep>();
        services.AddHostedService(provider => provider.GetRequiredService<Sweep>());
    }

    /// <summary>How programs come in, with a person's word or their own.</summary>
    private static void AddPrograms(IServiceCollection services)
    {
        services.AddOptions<TrustOptions>().BindConfiguration(TrustOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TrustOptions>, TrustOptionsValidator>();
        services.TryAddSingleton<ClientBook>();
        services.TryAddSingleton<OAuthGate>();
        services.TryAddSingleton<ClientDoor>();
        services.TryAddSingleton<GrantBook>();
        services.TryAddSingleton<GrantDesk>();
        services.TryAddSingleton<DeviceBook>();
        services.TryAddSingleton<DeviceGate>();
        services.TryAddSingleton<IdTokens>();
        services.TryAddSingleton<IssuedTokenBook>();
        services.TryAddSingleton<TokenEndpoint>();
        services.TryAddSingleton<TrustBook>();
        services.TryAddSingleton<IssuerAddresses>();
        services.TryAddSingleton<IssuerKeys>();
        services.TryAddSingleton<TokenExchange>();
    }

    private static void Map(WebApplication app)
    {
        app.MapGarden<IdentityService>(Contracts.V1.Identity.Descriptor);
        app.MapChangeFeed<IdentityDbContext>();
        app.MapPages();
        app.MapOAuth();
    }
}
