using ModelGarden.Artifacts.Objects.AzureBlobs;

namespace ModelGarden.Artifacts.Objects;

/// <summary>Where bytes are: section <c>Garden:Artifacts:Store</c>, or <c>Garden:Artifacts:Replica</c> for what the scrub repairs them from.</summary>
internal sealed class StoreOptions(string section)
{
    public const string DefaultSection = $"{ArtifactsOptions.Section}:Store";
    public const string Folder = "folder";
    public const string S3Kind = "s3";
    public const string AzureKind = "azure";

    public StoreOptions()
        : this(DefaultSection)
    {
    }

    /// <summary><c>folder</c>, <c>s3</c> or <c>azure</c>.</summary>
    public string Kind { get; set; } = Folder;

    /// <summary>Of a folder; empty: below the garden's data.</summary>
    public string Path { get; set; } = "";

    public S3StoreOptions S3 { get; set; } = new($"{section}:S3");

    public AzureStoreOptions Azure { get; set; } = new($"{section}:Azure");

    /// <summary>Whether a missing bucket or container is made at start.</summary>
    public bool Create { get; set; } = true;

    /// <summary>How long one request to a remote store may take; three times that with what is tried again.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(100);

    /// <summary>How often a request that found no answer, or a busy store, is tried again, at growing distances.</summary>
    public int Retries { get; set; } = 4;

    /// <summary>Bytes that all readers of a remote store together may hold of what they have read ahead.</summary>
    public long ReadAhead { get; set; } = 256 << 20;

    public IEnumerable<string> Faults()
    {
        if (Kind is not (Folder or S3Kind or AzureKind))
        {
            yield return $"{section}:Kind is '{Kind}': {Folder}, {S3Kind} or {AzureKind} is expected";
        }

        if (RequestTimeout < TimeSpan.FromSeconds(1) || RequestTimeout > TimeSpan.FromHours(1))
        {
            yield return $"{section}:RequestTimeout is {RequestTimeout}: 00:00:01 to 01:00:00 is expected";
        }

        if (Retries is < 0 or > 10)
        {
            yield return $"{section}:Retries is {Retries}: 0 to 10 is expected";
        }

        if (ReadAhead < 0)
        {
            yield return $"{section}:ReadAhead is {ReadAhead}: 0 (no reading ahead) or more bytes are expected";
        }

        foreach (var fault in Kind switch { S3Kind => S3.Faults(), AzureKind => Azure.Faults(), _ => [] })
        {
            yield return fault;
        }
    }

    /// <summary>A prefix is nothing, or segments that keys are made of.</summary>
    internal static string? FaultOfPrefix(string section, string prefix) => prefix.Length is 0 || ObjectKey.IsKey(prefix)
        ? null
        : $"{section}:Prefix is '{prefix}': lower-case letters, digits and hyphens are expected, with single slashes between segments, as in gardens/blue";
}

/// <summary>Section <c>S3</c> of a store: Amazon's, or any server that speaks its protocol.</summary>
internal sealed class S3StoreOptions(string section)
{
    /// <summary>Where these settings stand.</summary>
    internal string Section => section;

    /// <summary>Where the server is, such as <c>https://s3.example.com</c>; empty for Amazon's own.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>Needed for Amazon; most other servers take any.</summary>
    public string Region { get; set; } = "";

    public string Bucket { get; set; } = "";

    /// <summary>What all keys begin with, so that a bucket can hold more than one garden.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>Whether the bucket is named in the path rather than in the host. Unset: yes where <see cref="Endpoint"/> is set.</summary>
    public bool? PathStyle { get; set; }

    /// <summary>Empty, with the next: the SDK's own chain (environment, profile, web identity, container, instance).</summary>
    public string AccessKey { get; set; } = "";

    public string SecretKey { get; set; } = "";

    /// <summary>Only for keys that last for a time.</summary>
    public string SessionToken { get; set; } = "";

    public IEnumerable<string> Faults()
    {
        if (Bucket.Length is 0)
        {
            yield return $"{Section}:Bucket is missing: name the bucket";
        }

        if (Endpoint.Length is 0 && Region.Length is 0)
        {
            yield return $"{Section}:Region is missing: set it for Amazon S3 (such as eu-central-1), or set {Section}:Endpoint for another server";
        }

        if (Endpoint.Length > 0 && !(Uri.TryCreate(Endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length is 0))
        {
            // Not repeated: a secret may have been put into it.
            yield return $"{Section}:Endpoint is no URL of a server: http:// or https:// is expected, without user or password, such as https://s3.example.com";
        }

        if (AccessKey.Length is 0 != SecretKey.Length is 0 || (SessionToken.Length > 0 && AccessKey.Length is 0))
        {
            yield return $"{Section}:AccessKey and SecretKey belong together (and SessionToken to them): set both, or none for the SDK's own chain";
        }

        if (StoreOptions.FaultOfPrefix(Section, Prefix) is { } fault)
        {
            yield return fault;
        }
    }
}

/// <summary>Section <c>Azure</c> of a store.</summary>
internal sealed class AzureStoreOptions(string section)
{
    /// <summary>Where these settings stand.</summary>
    internal string Section => section;

    /// <summary>As Azure's portal shows it: with the account's key, or with a shared access signature.</summary>
    public string ConnectionString { get; set; } = "";

    public string Container { get; set; } = "";

    /// <summary>What all keys begin with, so that a container can hold more than one garden.</summary>
    public string Prefix { get; set; } = "";

    public IEnumerable<string> Faults()
    {
        if (ConnectionString.Length is 0)
        {
            yield return $"{Section}:ConnectionString is missing: set the one of the storage account";
        }
        else if (AzureObjectStore.FaultOfConnectionString(ConnectionString) is { } why)
        {
            yield return $"{Section}:ConnectionString {why}";
        }

        if (Container.Length is < 3 or > 63 || !ObjectKey.IsKey(Container) || Container.Contains('/', StringComparison.Ordinal))
        {
            yield return $"{Section}:Container is '{Container}': 3 to 63 lower-case letters, digits and hyphens are expected";
        }

        if (StoreOptions.FaultOfPrefix(Section, Prefix) is { } fault)
        {
            yield return fault;
        }
    }
}
