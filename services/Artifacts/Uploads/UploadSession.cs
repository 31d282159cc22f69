namespace ModelGarden.Artifacts.Uploads;

/// <summary>An upload that a tenant has begun. There is one for the same tenant, repository that its token is for, bytes and way of sending, however often it is prepared.</summary>
internal sealed class UploadSession
{
    /// <summary>Of <see cref="CompletedAt"/>: not yet.</summary>
    public static readonly DateTimeOffset Never = DateTimeOffset.UnixEpoch;

    public required string Id { get; init; }

    /// <summary>In lower case.</summary>
    public required string Tenant { get; init; }

    /// <summary>The one that the sender's token is for, in lower case; empty: it is for all of the tenant's.</summary>
    public required string Repository { get; init; }

    public required string Sha256 { get; init; }

    public required long Size { get; init; }

    public required bool Multipart { get; init; }

    public required long PartSize { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required DateTimeOffset CompletedAt { get; init; }

    public bool IsCompleted => CompletedAt > Never;

    public int PartCount => PartSize is 0 ? 0 : (int)((Size + PartSize - 1) / PartSize);

    /// <summary>The number of the part that begins at this offset.</summary>
    public int PartAt(long offset) => (int)(offset / PartSize) + 1;

    /// <summary>In bytes: the last part holds what is left.</summary>
    public long LengthOfPart(int number) => number < PartCount ? PartSize : Size - (PartSize * (PartCount - 1));
}

/// <summary>A part that has come whole.</summary>
internal sealed class UploadPart
{
    public required string Session { get; init; }

    /// <summary>From 1.</summary>
    public required int Number { get; init; }

    /// <summary>The part's SHA-256 in quotes.</summary>
    public required string Etag { get; init; }

    /// <summary>Its key in the store.</summary>
    public required string Object { get; init; }
}
