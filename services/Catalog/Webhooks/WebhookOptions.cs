using System.Net;
using Microsoft.Extensions.Options;
using ModelGarden.Hosting.Outside;

namespace ModelGarden.Catalog.Webhooks;

/// <summary>Section <c>Garden:Webhooks</c>.</summary>
internal sealed class WebhookOptions
{
    public const string Section = "Garden:Webhooks";

    /// <summary>Networks that are sent to although they are not public, in CIDR with commas between, such as <c>10.20.0.0/16,fd00:20::/32</c>.</summary>
    public string AllowedNetworks { get; set; } = "";

    public IPNetwork[] Allowed => NetworkList.Parse(AllowedNetworks);

    public IEnumerable<string> Faults() => NetworkList.Faults($"{Section}:{nameof(AllowedNetworks)}", AllowedNetworks);
}

internal sealed class WebhookOptionsValidator : IValidateOptions<WebhookOptions>
{
    public ValidateOptionsResult Validate(string? name, WebhookOptions options) =>
        options.Faults().ToList() is { Count: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
}
