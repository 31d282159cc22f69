namespace ModelGarden.Catalog.Webhooks;

/// <summary>A webhook on disk.</summary>
internal sealed class StoredWebhook
{
    public required string Id { get; init; }

    /// <summary>Whose it is, as written.</summary>
    public required string Account { get; init; }

    /// <summary>The account in lower case.</summary>
    public required string AccountKey { get; init; }

    /// <summary>The account's tenant: what its members see is what the webhook is told of.</summary>
    public required string Tenant { get; init; }

    public required string Url { get; set; }

    /// <summary>As its account has set it, for both sides need it to sign and to verify.</summary>
    public required string Secret { get; set; }

    /// <summary>Where its account reaches this garden.</summary>
    public required string Address { get; set; }

    public required EventDomains Domains { get; set; }

    public bool IsDisabled { get; set; }

    /// <summary>Empty: its account did it.</summary>
    public string DisabledReason { get; set; } = "";

    /// <summary>Null: what was sent last arrived.</summary>
    public DateTimeOffset? FailingSince { get; set; }

    /// <summary>When the first of its waiting deliveries is due; null: none waits.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>Until then nobody but the holder of <see cref="Claim"/> sends anything; afterwards, who has waited longest comes first.</summary>
    public DateTimeOffset ClaimedUntil { get; set; } = DateTimeOffset.UnixEpoch;

    public string Claim { get; set; } = "";

    /// <summary>At least as many deliveries as wait, if it is below <see cref="WebhookLimits.Waiting"/>; there they are counted.</summary>
    public int WaitingMost { get; set; }

    /// <summary>Deliveries sent again by hand keep their distance: the last one's would end then.</summary>
    public DateTimeOffset RedeliveriesUntil { get; set; } = DateTimeOffset.UnixEpoch;

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>One thing that a webhook watches, on disk.</summary>
internal sealed class StoredWatch
{
    public required string WebhookId { get; init; }

    public required int Place { get; init; }

    public required WatchedType Type { get; init; }

    /// <summary>As its account wrote it.</summary>
    public required string Name { get; init; }

    /// <inheritdoc cref="EventTarget"/>
    public required string Target { get; init; }
}
