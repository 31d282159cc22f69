using System.Net;
using Microsoft.Extensions.Options;
using ModelGarden.Hosting.Outside;

namespace ModelGarden.Identity.Trust;

/// <summary>Section <c>Garden:Issuers</c>.</summary>
internal sealed class TrustOptions
{
    public const string Section = "Garden:Issuers";

    /// <summary>Networks in which issuers are asked for their keys although they are not public, in CIDR with commas between, such as <c>10.20.0.0/16</c>; there also without TLS.</summary>
    public string AllowedNetworks { get; set; } = "";

    public IPNetwork[] Allowed => NetworkList.Parse(AllowedNetworks);

    public IEnumerable<string> Faults() => NetworkList.Faults($"{Section}:{nameof(AllowedNetworks)}", AllowedNetworks);
}

internal sealed class TrustOptionsValidator : IValidateOptions<TrustOptions>
{
    public ValidateOptionsResult Validate(string? name, TrustOptions options) =>
        options.Faults().ToList() is { Count: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
}

/// <summary>Where issuers are asked for their keys.</summary>
internal sealed class IssuerAddresses(IOptions<TrustOptions> options) : PublicNetwork(options.Value.Allowed, $"{TrustOptions.Section}:{nameof(TrustOptions.AllowedNetworks)}", new NameLookup())
{
    private readonly IPNetwork[] _allowed = options.Value.Allowed;

    /// <summary>An address to ask at: with TLS, or without in a network that an operator has named, by its number.</summary>
    public bool IsSafe(Uri uri) => uri.Scheme is "https"
        || (uri.Scheme is "http" && IPAddress.TryParse(uri.IdnHost, out var address) && _allowed.Any(network => network.Contains(address)));
}
