using System.Net;
using System.Runtime.CompilerServices;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using ModelGarden.Artifacts.Downloads;
using ModelGarden.Artifacts.Objects.Remote;

namespace ModelGarden.Artifacts.Objects.S3;

/// <summary>Objects in a bucket of Amazon S3 or of any server that speaks its protocol.</summary>
internal sealed class S3ObjectStore : IObjectStore, IDisposable
{
    private static readonly TimeSpan LongestPresigned = TimeSpan.FromDays(7);
    private readonly S3StoreOptions _options;
    private readonly bool _create;
    private readonly AmazonS3Client _client;
    private readonly S3Calls _calls;
    private readonly S3Ranges _ranges;
    private readonly ReadAheadBudget _budget;

    public S3ObjectStore(StoreOptions options)
    {
        (_options, _create, _budget) = (options.S3, options.Create, new(options.ReadAhead));
        var config = ConfigOf(options);
        _client = _options.AccessKey.Length > 0 ? new(CredentialsOf(_options), config) : new(config);
        _calls = new(_client, _options, options.RequestTimeout * 3);
        _ranges = new(_calls, _options.Bucket);
    }

    public bool IsRemote => true;

    /// <summary>How many entries of a listing come at once.</summary>
    public int PageSize { get; init; } = 1000;

    public async ValueTask CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _calls.CallAsync((client, token) => client.ListObjectsV2Async(new() { BucketName = _options.Bucket, Prefix = _options.Prefix, MaxKeys = 1 }, token), cancellationToken);
        }
        catch (ObjectStoreException exception) when (exception.Fault is StoreFault.NoBucket && _create)
        {
            await MakeBucketAsync(exception, cancellationToken);
        }
    }

    public ValueTask<IObjectWriter> CreateAsync(ObjectKey key, CancellationToken cancellationToken) =>
        new(new S3ObjectWriter(_calls, _options.Bucket, NameOf(key), signed: !IsSecure));

    public async ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (await HeadAsync(key, cancellationToken) is not { } head)
        {
            return null;
        }

        var (name, etag) = (NameOf(key), head.ETag);
        return new PrefetchingReader(new RangeReader(head.ContentLength, (buffer, offset, token) => _ranges.FillAsync(name, etag, buffer, offset, token)), _budget);
    }

    public async ValueTask<int?> ReadAsync(ObjectKey key, Memory<byte> buffer, long offset, CancellationToken cancellationToken) =>
        await _ranges.ReadAsync(NameOf(key), buffer, offset, cancellationToken);

    public async ValueTask<ObjectEntry?> FindAsync(ObjectKey key, CancellationToken cancellationToken) =>
        await HeadAsync(key, cancellationToken) is { } head ? new ObjectEntry(key, TimeOf(head.LastModified), head.ContentLength) : null;

    public async ValueTask DeleteAsync(ObjectKey key, CancellationToken cancellationToken) =>
        await _calls.CallAsync((client, token) => client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _options.Bucket, Key = NameOf(key) }, token), cancellationToken);

    public async IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = _options.Bucket, Prefix = $"{Root}{prefix}/", MaxKeys = PageSize };
        bool more;
        do
        {
            var page = await _calls.CallAsync((client, token) => client.ListObjectsV2Async(request, token), cancellationToken);
            foreach (var entry in (page.S3Objects ?? []).Where(entry => ObjectKey.IsKey(entry.Key[Root.Length..])))
            {
                yield return new(ObjectKey.FromStored(entry.Key[Root.Length..]), TimeOf(entry.LastModified), entry.Size ?? 0);
            }

            request.ContinuationToken = page.NextContinuationToken;
            more = page.IsTruncated is true;
        }
        while (more);
    }

    public ValueTask SweepAsync(DateTimeOffset untouchedSince, CancellationToken cancellationToken) =>
        new S3Sweep(_calls, _options.Bucket, Root).RunAsync(untouchedSince, cancellationToken);

    public async ValueTask<Uri?> PresignAsync(ObjectKey key, TimeSpan lifetime, string fileName, CancellationToken cancellationToken)
    {
        var request = new GetPreSignedUrlRequest
        {
            BucketName = _options.Bucket,
            Key = NameOf(key),
            Verb = HttpVerb.GET,
            Protocol = IsSecure ? Protocol.HTTPS : Protocol.HTTP,
            Expires = DateTime.UtcNow + (lifetime < LongestPresigned ? lifetime : LongestPresigned),
            ResponseHeaderOverrides = { ContentDisposition = ContentDisposition.Attachment(fileName), ContentType = "application/octet-stream" },
        };
        return new(await _calls.CallAsync((client, _) => client.GetPreSignedURLAsync(request), cancellationToken));
    }

    public void Dispose() => _client.Dispose();

    private string Root => _options.Prefix.Length > 0 ? $"{_options.Prefix}/" : "";

    private bool IsSecure => !_options.Endpoint.StartsWith("http:", StringComparison.OrdinalIgnoreCase);

    private string NameOf(ObjectKey key) => Root + key.Value;

    private static DateTimeOffset TimeOf(DateTime? time) => time is { } at ? new(at.ToUniversalTime()) : DateTimeOffset.MinValue;

    private static AWSCredentials CredentialsOf(S3StoreOptions options) => options.SessionToken.Length > 0
        ? new SessionAWSCredentials(options.AccessKey, options.SecretKey, options.SessionToken)
        : new BasicAWSCredentials(options.AccessKey, options.SecretKey);

    private static AmazonS3Config ConfigOf(StoreOptions options)
    {
        var config = new AmazonS3Config
        {
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = options.Retries,
            Timeout = options.RequestTimeout,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            ForcePathStyle = options.S3.PathStyle ?? options.S3.Endpoint.Length > 0,

            // Content-MD5 is ours, and every server verifies it; the SDK's own trailing checksums are Amazon's and few others'.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.S3.Endpoint.Length > 0)
        {
            (config.ServiceURL, config.AuthenticationRegion) = (options.S3.Endpoint, options.S3.Region.Length > 0 ? options.S3.Region : "us-east-1");
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.S3.Region);
        }

        return config;
    }

    private async Task MakeBucketAsync(ObjectStoreException missing, CancellationToken cancellationToken)
    {
        try
        {
            await _calls.CallAsync((client, token) => client.PutBucketAsync(new PutBucketRequest { BucketName = _options.Bucket }, token), cancellationToken);
        }
        catch (ObjectStoreException exception) when (exception.InnerException is AmazonS3Exception { ErrorCode: "BucketAlreadyOwnedByYou" })
        {
            // Another replica was faster.
        }
        catch (ObjectStoreException exception) when (exception.Fault is not StoreFault.Unreachable)
        {
            throw new ObjectStoreException(StoreFault.NoBucket, $"{missing.Message}; making it failed: {exception.Message}", exception);
        }
    }

    /// <summary>A missing bucket looks like a missing object here: the answer to HEAD has no words.</summary>
    private async Task<GetObjectMetadataResponse?> HeadAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await _calls.CallAsync((client, token) => client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = _options.Bucket, Key = NameOf(key) }, token), cancellationToken);
        }
        catch (ObjectStoreException exception) when (exception.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.NotFound } && exception.Fault is StoreFault.Gone)
        {
            return null;
        }
    }
}
