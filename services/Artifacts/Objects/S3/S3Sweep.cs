using Amazon.S3.Model;

namespace ModelGarden.Artifacts.Objects.S3;

/// <summary>Aborts uploads of parts to which nothing has been added for long: those of dead processes, and those whose abortion did not get through.</summary>
internal sealed class S3Sweep(S3Calls calls, string bucket, string root)
{
    public async ValueTask RunAsync(DateTimeOffset untouchedSince, CancellationToken cancellationToken)
    {
        var request = new ListMultipartUploadsRequest { BucketName = bucket, Prefix = root };
        bool more;
        do
        {
            var page = await calls.CallAsync((client, token) => client.ListMultipartUploadsAsync(request, token), cancellationToken);
            foreach (var upload in (page.MultipartUploads ?? []).Where(upload => IsOld(upload.Initiated, untouchedSince)))
            {
                await AbortIfUntouchedAsync(upload, untouchedSince, cancellationToken);
            }

            (request.KeyMarker, request.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
            more = page.IsTruncated is true;
        }
        while (more);
    }

    private async Task AbortIfUntouchedAsync(MultipartUpload upload, DateTimeOffset untouchedSince, CancellationToken cancellationToken)
    {
        try
        {
            if (!await HasNewPartAsync(upload, untouchedSince, cancellationToken))
            {
                await calls.CallAsync(
                    (client, token) => client.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = bucket, Key = upload.Key, UploadId = upload.UploadId }, token),
                    cancellationToken);
            }
        }
        catch (ObjectStoreException exception) when (exception.Fault is StoreFault.Gone)
        {
            // Completed, or aborted by another replica's sweep.
        }
    }

    private async Task<bool> HasNewPartAsync(MultipartUpload upload, DateTimeOffset untouchedSince, CancellationToken cancellationToken)
    {
        var request = new ListPartsRequest { BucketName = bucket, Key = upload.Key, UploadId = upload.UploadId };
        bool more;
        do
        {
            var page = await calls.CallAsync((client, token) => client.ListPartsAsync(request, token), cancellationToken);
            if ((page.Parts ?? []).Any(part => !IsOld(part.LastModified, untouchedSince)))
            {
                return true;
            }

            request.PartNumberMarker = page.NextPartNumberMarker?.ToString(System.Globalization.CultureInfo.InvariantCulture);
            more = page.IsTruncated is true;
        }
        while (more);
        return false;
    }

    private static bool IsOld(DateTime? time, DateTimeOffset since) => time is { } at && at.ToUniversalTime() < since.UtcDateTime;
}
