using Microsoft.Extensions.Options;
using ModelGarden.Hosting.Outside;

namespace ModelGarden.Catalog.Webhooks;

/// <summary>Where deliveries are sent to.</summary>
internal sealed class ReceiverAddresses(IOptions<WebhookOptions> options, NameLookup names)
    : PublicNetwork(options.Value.Allowed, $"{WebhookOptions.Section}:{nameof(WebhookOptions.AllowedNetworks)}", names);
