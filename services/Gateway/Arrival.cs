using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using ModelGarden.Hosting;

namespace ModelGarden.Gateway;

/// <summary>Where a request came from, and over what: as its connection says, unless that is a proxy's that the operator trusts, or he has said how people reach the garden.</summary>
internal static class Arrival
{
    extension(IServiceCollection services)
    {
        public void AddArrival()
        {
            services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<GatewayOptions>>(Trust);
            services.AddHsts(hsts => hsts.MaxAge = TimeSpan.FromDays(365));
        }
    }

    extension(WebApplication app)
    {
        public void UseArrival()
        {
            app.UseForwardedHeaders();
            if (app.Services.GetRequiredService<IOptions<GardenOptions>>().Value.PublicUrl is { Length: > 0 } address)
            {
                // Who ends TLS before the garden need not say so.
                var scheme = new Uri(address).Scheme;
                app.Use((context, next) =>
                {
                    context.Request.Scheme = scheme;
                    return next(context);
                });
            }

            app.UseHsts();
        }
    }

    private static void Trust(ForwardedHeadersOptions headers, IOptions<GatewayOptions> gateway)
    {
        var proxies = gateway.Value.Proxies;
        headers.ForwardedHeaders = proxies.Length is 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        // As many proxies one after another as are trusted: the first that is not is who asks.
        headers.ForwardLimit = null;
        headers.KnownProxies.Clear();
        headers.KnownIPNetworks.Clear();
        foreach (var proxy in proxies)
        {
            headers.KnownIPNetworks.Add(proxy);
        }
    }
}
