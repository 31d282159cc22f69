using System.Net;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ModelGarden.Artifacts.Objects.AzureBlobs;

/// <summary>
/// Reads of one blob. Azure gives a blob a new ETag whenever it is written, with the same bytes too; so each has a fingerprint of its bytes beside it, and a blob of
/// another ETag with the same fingerprint is the same blob.
/// </summary>
internal sealed class AzureRanges(AzureCalls calls, string name)
{
    private ETag? _etag;
    private string? _fingerprint;
    private long _length;

    /// <summary>Looks at the blob that is to be read: its length, or null when there is none.</summary>
    public async Task<long?> BeginAsync(CancellationToken cancellationToken)
    {
        if (await PropertiesAsync(calls, name, cancellationToken) is not { } properties)
        {
            return null;
        }

        (_etag, _fingerprint, _length) = (properties.ETag, FingerprintOf(properties), properties.ContentLength);
        return _length;
    }

    public static async Task<BlobProperties?> PropertiesAsync(AzureCalls calls, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await calls.CallAsync(async (container, token) => (await container.GetBlobClient(name).GetPropertiesAsync(cancellationToken: token)).Value, cancellationToken);
        }
        catch (ObjectStoreException exception) when (exception.Fault is StoreFault.Gone)
        {
            return null;
        }
    }

    public async Task FillAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        try
        {
            await GetAsync(buffer, offset, cancellationToken);
        }
        catch (ObjectStoreException exception) when (exception.Fault is StoreFault.Gone)
        {
            if (!await IsTheSameAsync(cancellationToken))
            {
                throw;
            }

            await GetAsync(buffer, offset, cancellationToken);
        }
    }

    /// <summary>Fills the buffer as far as the blob goes, whichever it is; null when there is none.</summary>
    public async Task<int?> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        try
        {
            return buffer.Length is 0 ? 0 : await calls.CallAsync((container, token) => ReadOnceAsync(container, buffer, offset, token), cancellationToken);
        }
        catch (ObjectStoreException exception) when (exception.Fault is StoreFault.Gone)
        {
            return null;
        }
    }

    private async Task GetAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        if (await calls.CallAsync((container, token) => ReadOnceAsync(container, buffer, offset, token), cancellationToken) < buffer.Length)
        {
            throw new ObjectStoreException(StoreFault.Gone, $"blob '{name}' became shorter while it was read");
        }
    }

    // The SDK's stream asks again from where a line broke.
    private async Task<int> ReadOnceAsync(BlobContainerClient container, Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        var options = new BlobDownloadOptions { Range = new(offset, buffer.Length), Conditions = _etag is { } etag ? new() { IfMatch = etag } : null };
        try
        {
            using var download = (await container.GetBlobClient(name).DownloadStreamingAsync(options, cancellationToken)).Value;
            return await download.Content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.Status is (int)HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return 0;
        }
    }

    private async Task<bool> IsTheSameAsync(CancellationToken cancellationToken)
    {
        if (_fingerprint is null || await PropertiesAsync(calls, name, cancellationToken) is not { } now || FingerprintOf(now) != _fingerprint || now.ContentLength != _length)
        {
            return false;
        }

        _etag = now.ETag;
        return true;
    }

    private static string? FingerprintOf(BlobProperties properties) => properties.Metadata.TryGetValue(AzureObjectWriter.Fingerprint, out var fingerprint) ? fingerprint : null;
}
