using System.Globalization;
using System.Security.Cryptography;
using Amazon.S3.Model;
using ModelGarden.Artifacts.Objects.Remote;

namespace ModelGarden.Artifacts.Objects.S3;

/// <param name="calls">To the server.</param>
/// <param name="bucket">Where.</param>
/// <param name="name">The whole key.</param>
/// <param name="signed">Whether bodies are hashed into signatures: without TLS.</param>
internal sealed class S3ObjectWriter(S3Calls calls, string bucket, string name, bool signed) : BlockObjectWriter
{
    private const string ContentType = "application/octet-stream";
    private readonly List<PartETag> _parts = [];
    private readonly MemoryStream _digests = new();
    private string _upload = "";

    protected override Task PutWholeAsync(BlockBuffer bytes, CancellationToken cancellationToken) => calls.CallAsync(
        (client, token) => client.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = bucket,
                Key = name,
                InputStream = bytes.Open(),
                MD5Digest = Convert.ToBase64String(bytes.Md5()),
                ContentType = ContentType,
                UseChunkEncoding = false,
                DisablePayloadSigning = !signed,
            },
            token),
        cancellationToken);

    protected override async Task BeginAsync(CancellationToken cancellationToken) => _upload = (await calls.CallAsync(
        (client, token) => client.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = bucket, Key = name, ContentType = ContentType }, token),
        cancellationToken)).UploadId;

    protected override async Task PutBlockAsync(int number, BlockBuffer bytes, CancellationToken cancellationToken)
    {
        var md5 = bytes.Md5();
        var request = new UploadPartRequest
        {
            BucketName = bucket,
            Key = name,
            UploadId = _upload,
            PartNumber = number,
            PartSize = bytes.Length,
            InputStream = bytes.Open(),
            MD5Digest = Convert.ToBase64String(md5),
            UseChunkEncoding = false,
            DisablePayloadSigning = !signed,
        };
        var response = await calls.CallAsync((client, token) => client.UploadPartAsync(request, token), cancellationToken);
        _digests.Write(md5);
        _parts.Add(new(number, response.ETag));
    }

    protected override async Task FinishAsync(CancellationToken cancellationToken)
    {
        try
        {
            await calls.CallAsync(
                (client, token) => client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest { BucketName = bucket, Key = name, UploadId = _upload, PartETags = _parts }, token),
                cancellationToken);
        }
        catch (ObjectStoreException exception) when (exception.Fault is StoreFault.Gone)
        {
            // The answer to an earlier try may have been lost: then the upload is gone because it is the object.
            if (!await IsThereAsync(cancellationToken))
            {
                throw;
            }
        }
    }

    protected override Task AbortAsync(CancellationToken cancellationToken) => calls.CallAsync(
        (client, token) => client.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = bucket, Key = name, UploadId = _upload }, token),
        cancellationToken);

    private async Task<bool> IsThereAsync(CancellationToken cancellationToken)
    {
        try
        {
            var head = await calls.CallAsync((client, token) => client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = bucket, Key = name }, token), cancellationToken);
            return head.ETag?.Trim('"') == ExpectedETag();
        }
        catch (ObjectStoreException exception) when (exception.Fault is StoreFault.Gone)
        {
            return false;
        }
    }

    private string ExpectedETag()
    {
#pragma warning disable CA5351 // The ETag of an object of parts is made so.
        var digest = MD5.HashData(_digests.GetBuffer().AsSpan(0, (int)_digests.Length));
#pragma warning restore CA5351
        return string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(digest)}-{_parts.Count}");
    }
}
