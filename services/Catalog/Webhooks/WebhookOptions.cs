using System.Net;
using Microsoft.Extensions.Options;

namespace ModelGarden.Catalog.Webhooks;

/// <summary>Section <c>Garden:Webhooks</c>.</summary>
internal sealed class WebhookOptions
{
    public const string Section = "Garden:Webhooks";

    /// <summary>Networks that are sent to although they are not public, in CIDR with commas between, such as <c>10.20.0.0/16,fd00:20::/32</c>.</summary>
    public string AllowedNetworks { get; set; } = "";

    private IEnumerable<string> Written => AllowedNetworks.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public IPNetwork[] Allowed => [.. Written.Select(IPNetwork.Parse)];

    public IEnumerable<string> Faults() => Written.Where(network => !IPNetwork.TryParse(network, out _)).Select(network =>
        $"Garden:Webhooks:AllowedNetworks has '{Text.Shorten(network)}': networks in CIDR are expected, such as 10.20.0.0/16 (environment: Garden__Webhooks__AllowedNetworks)");
}

internal sealed class WebhookOptionsValidator : IValidateOptions<WebhookOptions>
{
    public ValidateOptionsResult Validate(string? name, WebhookOptions options) =>
        options.Faults().ToList() is { Count: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
}
