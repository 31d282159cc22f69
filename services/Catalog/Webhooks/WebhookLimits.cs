namespace ModelGarden.Catalog.Webhooks;

/// <summary>How much of everything there may be.</summary>
internal static class WebhookLimits
{
    /// <summary>Of one account.</summary>
    public const int Webhooks = 50;

    /// <summary>By one webhook.</summary>
    public const int Watched = 50;

    public const int Url = 2048;

    public const int Secret = 256;

    /// <summary>That one event tells of; of a push that moves more, the first ones.</summary>
    public const int Refs = 500;

    /// <summary>Of one delivery, over about a day.</summary>
    public const int Attempts = 15;

    /// <summary>Of one webhook: one that more wait for is disabled.</summary>
    public const int Waiting = 10_000;

    /// <summary>That one transaction makes deliveries for: so long it keeps who changes them waiting, and not longer.</summary>
    public const int SpreadAtOnce = 100;

    /// <summary>Deliveries of one webhook that can be asked for again at once; after them one each <see cref="RedeliveryPause"/>.</summary>
    public const int Redeliveries = 60;

    public static readonly TimeSpan RedeliveryPause = TimeSpan.FromSeconds(6);

    /// <summary>Deliveries of one webhook that are over and kept.</summary>
    public const int Log = 1_000;

    /// <summary>How long they are kept.</summary>
    public static readonly TimeSpan LogAge = TimeSpan.FromDays(30);

    /// <summary>Nothing has arrived for so long when a delivery fails for good: the webhook is disabled.</summary>
    public static readonly TimeSpan Failing = TimeSpan.FromDays(3);
}
