using System.Net;
using Amazon.Runtime;
using Amazon.S3;

namespace ModelGarden.Artifacts.Objects.S3;

/// <summary>Every request to an S3 server: within a time, and with its failures said as <see cref="ObjectStoreException"/>. The SDK tries again by itself, with jitter.</summary>
internal sealed class S3Calls(IAmazonS3 client, S3StoreOptions options, TimeSpan patience)
{
    private string Name => $"bucket '{options.Bucket}' at {(options.Endpoint.Length > 0 ? options.Endpoint : $"Amazon S3, {options.Region}")}";

    public async Task<T> CallAsync<T>(Func<IAmazonS3, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timer.CancelAfter(patience);
        try
        {
            return await call(client, timer.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ObjectStoreException(StoreFault.Unreachable, $"{Name} did not answer within {patience}", exception);
        }
        catch (AmazonS3Exception exception)
        {
            throw Said(exception);
        }
        catch (Exception exception) when (exception is AmazonServiceException or HttpRequestException or WebException or TimeoutException || (exception is IOException and not ObjectStoreException))
        {
            throw new ObjectStoreException(StoreFault.Unreachable, $"{Name} cannot be reached: {exception.Message}", exception);
        }
        catch (AmazonClientException exception)
        {
            throw new ObjectStoreException(StoreFault.Denied, $"there are no credentials for {Name}: set {options.Section}:AccessKey and SecretKey, or what the SDK's own chain looks for", exception);
        }
    }

    private ObjectStoreException Said(AmazonS3Exception exception)
    {
        var (fault, words) = (exception.ErrorCode, exception.StatusCode) switch
        {
            ("NoSuchBucket", _) => (StoreFault.NoBucket, $"there is no {Name}: make it, or set {options.Section}:Bucket to one that is there"),
            ("NoSuchUpload", _) => (StoreFault.Gone, $"{Name} does not know an upload under way any more: it was aborted"),
            ("PreconditionFailed" or "NoSuchKey", _) or (_, HttpStatusCode.PreconditionFailed or HttpStatusCode.NotFound) =>
                (StoreFault.Gone, $"an object of {Name} was deleted or replaced while it was in use"),
            ("QuotaExceeded" or "InsufficientStorage" or "XMinioStorageFull" or "EntityTooLarge", _) or (_, HttpStatusCode.InsufficientStorage) =>
                (StoreFault.Full, $"{Name} has no room left ({exception.ErrorCode}): add some, or raise its quota"),
            ("InvalidAccessKeyId" or "SignatureDoesNotMatch" or "ExpiredToken" or "InvalidToken" or "RequestTimeTooSkewed", _) or (_, HttpStatusCode.Unauthorized) =>
                (StoreFault.Denied, $"{Name} refuses the credentials ({exception.ErrorCode}): check {options.Section}:AccessKey and SecretKey, and this machine's clock"),
            (_, HttpStatusCode.Forbidden) =>
                (StoreFault.Denied, $"{Name} refuses what the credentials may not do ({exception.ErrorCode}): they need to list, read, write and delete objects and to abort multipart uploads"),
            (_, HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect) => (StoreFault.Failed, $"{Name} is in another region ({exception.ErrorCode}): set {options.Section}:Region"),
            (_, HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests or HttpStatusCode.GatewayTimeout or HttpStatusCode.BadGateway) =>
                (StoreFault.Unreachable, $"{Name} is busy ({exception.ErrorCode})"),
            var (code, status) => (StoreFault.Failed, $"{Name} failed with {(int)status} {code}"),
        };
        return new(fault, words, exception);
    }
}
