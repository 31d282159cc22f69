using System.Net;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ModelGarden.Artifacts.Objects.AzureBlobs;

/// <summary>Every request to Azure Blob Storage: within a time, and with its failures said as <see cref="ObjectStoreException"/>. The SDK tries again by itself, with jitter.</summary>
internal sealed class AzureCalls(BlobContainerClient container, string section, TimeSpan patience)
{
    // Host and path: the query of an address can be a secret.
    private string Name { get; } = $"container '{container.Name}' at {container.Uri.Scheme}://{container.Uri.Authority}";

    public async Task<T> CallAsync<T>(Func<BlobContainerClient, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timer.CancelAfter(patience);
        try
        {
            return await call(container, timer.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ObjectStoreException(StoreFault.Unreachable, $"{Name} did not answer within {patience}", exception);
        }
        catch (RequestFailedException exception) when (exception.Status > 0)
        {
            throw Said(exception);
        }
        catch (AggregateException exception)
        {
            // What the SDK throws after its last try.
            throw Unreachable(exception.InnerExceptions[^1]);
        }
        catch (Exception exception) when (exception is RequestFailedException or HttpRequestException or TimeoutException || (exception is IOException and not ObjectStoreException))
        {
            throw Unreachable(exception);
        }
    }

    private ObjectStoreException Unreachable(Exception exception) => new(StoreFault.Unreachable, $"{Name} cannot be reached: {exception.Message}", exception);

    private ObjectStoreException Said(RequestFailedException exception)
    {
        var (fault, words) = (exception.ErrorCode, (HttpStatusCode)exception.Status) switch
        {
            ("ContainerNotFound", _) => (StoreFault.NoBucket, $"there is no {Name}: make it, or set {section}:Container to one that is there"),
            ("BlobNotFound" or "ConditionNotMet" or "InvalidBlockList" or "InvalidBlobOrBlock", _) or (_, HttpStatusCode.NotFound or HttpStatusCode.PreconditionFailed) =>
                (StoreFault.Gone, $"an object of {Name} was deleted or replaced while it was in use"),
            ("InvalidRange", _) or (_, HttpStatusCode.RequestedRangeNotSatisfiable) => (StoreFault.Failed, $"an object of {Name} ends before what was asked for"),
            ("AuthenticationFailed" or "InvalidAuthenticationInfo" or "NoAuthenticationInformation", _) or (_, HttpStatusCode.Unauthorized) =>
                (StoreFault.Denied, $"{Name} refuses the credentials ({exception.ErrorCode}): check {section}:ConnectionString, and this machine's clock"),
            (_, HttpStatusCode.Forbidden) =>
                (StoreFault.Denied, $"{Name} refuses what the credentials may not do ({exception.ErrorCode}): they need to list, read, write and delete blobs"),
            (_, HttpStatusCode.InsufficientStorage) => (StoreFault.Full, $"{Name} has no room left ({exception.ErrorCode})"),
            (_, HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests or HttpStatusCode.GatewayTimeout or HttpStatusCode.BadGateway) =>
                (StoreFault.Unreachable, $"{Name} is busy ({exception.ErrorCode})"),
            var (code, status) => (StoreFault.Failed, $"{Name} failed with {(int)status} {code}"),
        };

        // The SDK's own message repeats headers of the answer and, after a refusal, the signature that was sent.
        return new(fault, exception.Status is (int)HttpStatusCode.Forbidden or (int)HttpStatusCode.Unauthorized ? words : $"{words} [{exception.Status} {exception.ErrorCode}]");
    }
}
