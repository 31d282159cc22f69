using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Tests.Objects.Servers;

/// <summary>An S3 server, with a bucket for whoever asks.</summary>
public sealed class S3Server() : NodeServer("s3.cjs")
{
    // s3rver's own account.
    public const string Key = "S3RVER";

    internal static StoreOptions Options(Uri endpoint, string bucket) => new()
    {
        Kind = StoreOptions.S3Kind,
        S3 = { Endpoint = endpoint.ToString(), Bucket = bucket, AccessKey = Key, SecretKey = Key, Prefix = "gardens/blue" },
    };

    internal StoreOptions Options(string kind = "bucket") => Options(Endpoint, $"{kind}-{Guid.NewGuid():n}");
}
