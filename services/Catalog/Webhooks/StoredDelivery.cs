using Google.Protobuf.WellKnownTypes;

namespace ModelGarden.Catalog.Webhooks;

/// <summary>An event on its way to a webhook, and what became of it, on disk.</summary>
internal sealed class StoredDelivery
{
    /// <summary>What receivers know it by, in every attempt the same.</summary>
    public required string Id { get; init; }

    public required string WebhookId { get; init; }

    public required long EventId { get; init; }

    public required string Scope { get; init; }

    public required string Action { get; init; }

    /// <summary>As it was called then.</summary>
    public required string Repository { get; init; }

    public required RepositoryKind Kind { get; init; }

    public DeliveryStatus Status { get; set; } = DeliveryStatus.Waiting;

    public int Attempts { get; set; }

    /// <summary>Since it was sent first, or again by hand.</summary>
    public int Failures { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null: it is over.</summary>
    public DateTimeOffset? DueAt { get; set; }

    public DateTimeOffset? AttemptedAt { get; set; }

    public int ResponseCode { get; set; }

    public string Outcome { get; set; } = "";

    public string Response { get; set; } = "";

    /// <summary>In milliseconds.</summary>
    public long Duration { get; set; }

    public Delivery ToDelivery() => new()
    {
        Id = Id,
        Scope = Scope,
        Action = Action,
        Repository = new() { Name = Repository, Kind = Kind },
        Status = Status,
        Attempts = Attempts,
        CreatedAt = Timestamp.FromDateTimeOffset(CreatedAt),
        AttemptedAt = AttemptedAt is { } attempted ? Timestamp.FromDateTimeOffset(attempted) : null,
        NextAttemptAt = DueAt is { } due ? Timestamp.FromDateTimeOffset(due) : null,
        ResponseCode = ResponseCode,
        Outcome = Outcome,
        Response = Response,
        DurationMs = Duration,
    };
}
