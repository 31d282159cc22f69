using System.Net;
using Microsoft.Extensions.Options;
using ModelGarden.Hosting.Outside;

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

    public IPNetwork[] Proxies => NetworkList.Parse(TrustedProxies);

    public IEnumerable<string> Faults() => NetworkList.Faults($"{Section}:{nameof(TrustedProxies)}", TrustedProxies);
}

internal sealed class GatewayOptionsValidator : IValidateOptions<GatewayOptions>
{
    public ValidateOptionsResult Validate(string? name, GatewayOptions options) =>
        options.Faults().ToList() is { Count: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
}
