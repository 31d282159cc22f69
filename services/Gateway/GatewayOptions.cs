using System.Net;
using Microsoft.Extensions.Options;
using ModelGarden.Kernel;

namespace ModelGarden.Gateway;

/// <summary>Section <c>Garden:Gateway</c>.</summary>
internal sealed class GatewayOptions
{
    public const string Section = "Garden:Gateway";

    /// <summary>
    /// Networks of the proxies before this garden, in CIDR with commas between, such as <c>10.20.0.0/16,fd00:20::/32</c>: what these say of where a request came from is believed.
    /// Empty: nobody's is.
    /// </summary>
    public string TrustedProxies { get; set; } = "";

    private IEnumerable<string> Written => TrustedProxies.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public IPNetwork[] Proxies => [.. Written.Select(IPNetwork.Parse)];

    public IEnumerable<string> Faults() => Written.Where(network => !IPNetwork.TryParse(network, out _)).Select(network =>
        $"Garden:Gateway:TrustedProxies has '{Text.Shorten(network)}': networks in CIDR are expected, such as 10.20.0.0/16 (environment: Garden__Gateway__TrustedProxies)");
}

internal sealed class GatewayOptionsValidator : IValidateOptions<GatewayOptions>
{
    public ValidateOptionsResult Validate(string? name, GatewayOptions options) =>
        options.Faults().ToList() is { Count: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
}
