using System.Runtime.CompilerServices;
using Azure;
using Azure.Core;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Azure.Storage.Sas;
using ModelGarden.Artifacts.Downloads;
using ModelGarden.Artifacts.Objects.Remote;

namespace ModelGarden.Artifacts.Objects.AzureBlobs;

/// <summary>Objects as block blobs in a container of Azure Blob Storage.</summary>
internal sealed class AzureObjectStore : IObjectStore
{
    private readonly string _root;
    private readonly bool _create;
    private readonly BlobContainerClient _container;
    private readonly AzureCalls _calls;
    private readonly ReadAheadBudget _budget;

    public AzureObjectStore(StoreOptions options)
    {
        (_create, _budget) = (options.Create, new(options.ReadAhead));
        _root = options.Azure.Prefix.Length > 0 ? $"{options.Azure.Prefix}/" : "";
        _container = new(options.Azure.ConnectionString, options.Azure.Container, new()
        {
            Retry = { Mode = RetryMode.Exponential, MaxRetries = options.Retries, NetworkTimeout = options.RequestTimeout },
            Diagnostics = { IsLoggingEnabled = false, IsTelemetryEnabled = false, IsDistributedTracingEnabled = false },
        });
        _calls = new(_container, options.Azure.Section, options.RequestTimeout * 3);
    }

    /// <summary>Null when it is one; else why not, without repeating it.</summary>
    public static string? FaultOfConnectionString(string connectionString)
    {
        try
        {
            _ = new BlobServiceClient(connectionString);
            return null;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidOperationException)
        {
            return "is not the connection string of a storage account: copy the whole of it, with AccountName and AccountKey, or BlobEndpoint and SharedAccessSignature";
        }
    }

    public bool IsRemote => true;

    /// <summary>How many entries of a listing come at once.</summary>
    public int PageSize { get; init; } = 1000;

    public async ValueTask CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _calls.CallAsync((container, token) => container.GetBlobsAsync(prefix: $"{_root}check/", cancellationToken: token).GetAsyncEnumerator(token).MoveNextAsync().AsTask(), cancellationToken);
        }
        catch (ObjectStoreException exception) when (exception.Fault is StoreFault.NoBucket && _create)
        {
            await MakeContainerAsync(exception, cancellationToken);
        }
    }

    public ValueTask<IObjectWriter> CreateAsync(ObjectKey key, CancellationToken cancellationToken) => new(new AzureObjectWriter(_calls, _root + key.Value));

    public async ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var ranges = new AzureRanges(_calls, _root + key.Value);
        return await ranges.BeginAsync(cancellationToken) is { } length ? new PrefetchingReader(new RangeReader(length, ranges.FillAsync), _budget) : null;
    }

    public async ValueTask<int?> ReadAsync(ObjectKey key, Memory<byte> buffer, long offset, CancellationToken cancellationToken) =>
        await new AzureRanges(_calls, _root + key.Value).ReadAsync(buffer, offset, cancellationToken);

    public async ValueTask<ObjectEntry?> FindAsync(ObjectKey key, CancellationToken cancellationToken) =>
        await AzureRanges.PropertiesAsync(_calls, _root + key.Value, cancellationToken) is { } properties ? new ObjectEntry(key, properties.LastModified, properties.ContentLength) : null;

    public async ValueTask DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            await _calls.CallAsync((container, token) => container.GetBlobClient(_root + key.Value).DeleteAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: token), cancellationToken);
        }
        catch (ObjectStoreException exception) when (exception.Fault is StoreFault.Gone)
        {
            // Deleted already.
        }
    }

    public async IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? next = null;
        do
        {
            var page = await _calls.CallAsync((container, token) => PageAsync(container, $"{_root}{prefix}/", next, token), cancellationToken);
            foreach (var blob in page.Values.Where(blob => ObjectKey.IsKey(blob.Name[_root.Length..])))
            {
                yield return new(ObjectKey.FromStored(blob.Name[_root.Length..]), blob.Properties.LastModified ?? DateTimeOffset.MinValue, blob.Properties.ContentLength ?? 0);
            }

            next = page.ContinuationToken;
        }
        while (!string.IsNullOrEmpty(next));
    }

    /// <summary>Nothing to do: blocks that no blob was made of are the service's own to clear away, a week after the last of them.</summary>
    public ValueTask SweepAsync(DateTimeOffset untouchedSince, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Null with a shared access signature: only who has the account's key can sign.</summary>
    public ValueTask<Uri?> PresignAsync(ObjectKey key, TimeSpan lifetime, string fileName, CancellationToken cancellationToken)
    {
        var blob = _container.GetBlobClient(_root + key.Value);
        return new(blob.CanGenerateSasUri
            ? blob.GenerateSasUri(new BlobSasBuilder(BlobSasPermissions.Read, DateTimeOffset.UtcNow + lifetime)
            {
                BlobContainerName = _container.Name,
                BlobName = blob.Name,
                Resource = "b",
                ContentDisposition = ContentDisposition.Attachment(fileName),
                ContentType = AzureObjectWriter.ContentType,
            })
            : null);
    }

    private async Task<Page<BlobItem>> PageAsync(BlobContainerClient container, string prefix, string? from, CancellationToken cancellationToken)
    {
        await foreach (var page in container.GetBlobsAsync(prefix: prefix, cancellationToken: cancellationToken).AsPages(from, PageSize))
        {
            return page;
        }

        return Page<BlobItem>.FromValues([], null, null!);
    }

    private async Task MakeContainerAsync(ObjectStoreException missing, CancellationToken cancellationToken)
    {
        try
        {
            await _calls.CallAsync((container, token) => container.CreateIfNotExistsAsync(cancellationToken: token), cancellationToken);
        }
        catch (ObjectStoreException exception) when (exception.Fault is not StoreFault.Unreachable)
        {
            throw new ObjectStoreException(StoreFault.NoBucket, $"{missing.Message}; making it failed: {exception.Message}", exception);
        }
    }
}
