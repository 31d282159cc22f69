using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace ModelGarden.Artifacts.Objects.S3;

/// <summary>Reads of ranges. A body that breaks off is asked for again from where it broke: the SDK's own tries end with the headers.</summary>
internal sealed class S3Ranges(S3Calls calls, string bucket)
{
    private const int Tries = 4;

    /// <summary>Fills the buffer from an object with this ETag, or throws.</summary>
    public async Task FillAsync(string name, string etag, Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        var filled = 0;
        for (var tries = 1; filled < buffer.Length; tries++)
        {
            try
            {
                var from = filled;
                await calls.CallAsync(
                    (client, token) => ReadOnceAsync(client, RequestOf(name, etag, buffer.Length - from, offset + from), buffer[from..], read => filled = from + read, token), cancellationToken);
            }
            catch (ObjectStoreException exception) when (exception.Fault is StoreFault.Unreachable && filled > 0 && tries < Tries)
            {
                // It answered: the line broke.
            }

            if (filled < buffer.Length && tries >= Tries)
            {
                throw new ObjectStoreException(StoreFault.Unreachable, $"an object of bucket '{bucket}' breaks off again and again while it is read");
            }
        }
    }

    /// <summary>Fills the buffer as far as the object goes; null when there is none.</summary>
    public async Task<int?> ReadAsync(string name, Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        if (buffer.Length is 0)
        {
            return 0;
        }

        try
        {
            var read = 0;
            await calls.CallAsync((client, token) => ReadOnceAsync(client, RequestOf(name, null, buffer.Length, offset), buffer, filled => read = filled, token), cancellationToken);
            return read;
        }
        catch (ObjectStoreException exception) when (exception.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.RequestedRangeNotSatisfiable })
        {
            return 0;
        }
        catch (ObjectStoreException exception) when (exception.Fault is StoreFault.Gone)
        {
            return null;
        }
    }

    private GetObjectRequest RequestOf(string name, string? etag, int length, long offset) =>
        new() { BucketName = bucket, Key = name, EtagToMatch = etag, ByteRange = new(offset, offset + length - 1) };

    private static async Task<int> ReadOnceAsync(IAmazonS3 client, GetObjectRequest request, Memory<byte> buffer, Action<int> progress, CancellationToken cancellationToken)
    {
        using var response = await client.GetObjectAsync(request, cancellationToken);
        await using var body = response.ResponseStream;
        var (read, length) = (0, (int)Math.Min(buffer.Length, response.ContentLength));
        while (read < length)
        {
            var more = await body.ReadAsync(buffer[read..length], cancellationToken);
            read += more > 0 ? more : throw new IOException("the answer broke off");
            progress(read);
        }

        return read;
    }
}
