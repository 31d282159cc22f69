using Microsoft.Extensions.Options;
using ModelGarden.Gateway.Credentials;
using ModelGarden.Gateway.Rest;
using ModelGarden.Gateway.Routes;
using ModelGarden.Hosting;

namespace ModelGarden.Gateway;

/// <summary>Registers and maps the Gateway: who are you, and where does it go.</summary>
public static class GatewayModule
{
    public static ServiceDefinition Definition { get; } = new(ServiceNames.Gateway, Add, Map) { IsFrontDoor = true };

    // A connection's share of memory when its client is slow.
    private const int ResponseBuffer = 512 << 10;

    private static void Add(WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<GatewayOptions>().BindConfiguration(GatewayOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>();
        builder.Services.AddArrival();
        builder.Services.AddSingleton<CredentialCache>();
        builder.Services.AddSingleton<BrowserSession>();
        builder.Services.AddFeedFollower<CredentialEviction>(ServiceNames.Identity);
        builder.Services.AddFeedFollower<MembershipEviction>(ServiceNames.Entitlement);
        builder.Services.AddGardenProxy();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // Weights pass through here: their size is Artifacts' matter, their pace the network's.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            // Of Kestrel's own 64 KiB a fast client has drunk up each before the next is there.
            kestrel.Limits.MaxResponseBufferSize = ResponseBuffer;
        });
    }

    private static void Map(WebApplication app)
    {
        app.UseArrival();
        app.Use(AnswerGuard.GuardAsync);
        app.UseMiddleware<CredentialMiddleware>();
        app.UseRouting();
        app.MapRest();
        app.MapReverseProxy(proxy =>
        {
            proxy.Use(InnerCalls.RefuseAsync);
            proxy.Use(ForwardFaults.TellAsync);
        });
    }
}
