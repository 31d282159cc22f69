using System.Buffers.Binary;
using System.Security.Cryptography;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using ModelGarden.Artifacts.Objects.Remote;

namespace ModelGarden.Artifacts.Objects.AzureBlobs;

internal sealed class AzureObjectWriter(AzureCalls calls, string name) : BlockObjectWriter
{
    public const string ContentType = "application/octet-stream";

    /// <summary>The MD5 of the blocks' MD5s, kept beside the blob. See <see cref="AzureRanges"/>.</summary>
    public const string Fingerprint = "fingerprint";
    private readonly Guid _nonce = Guid.NewGuid();
    private readonly List<string> _blocks = [];
    private readonly MemoryStream _digests = new();
    private DateTimeOffset? _began;

    protected override Task PutWholeAsync(BlockBuffer bytes, CancellationToken cancellationToken)
    {
        var md5 = bytes.Md5();
        _digests.Write(md5);
        var options = new BlobUploadOptions
        {
            // Kept with the blob, and of a blob that comes in one request verified.
            HttpHeaders = new() { ContentType = ContentType, ContentHash = md5 },
            Metadata = Metadata(),
            TransferOptions = new() { InitialTransferSize = SmallestBlock, MaximumTransferSize = SmallestBlock },
        };
        return calls.CallAsync((container, token) => container.GetBlockBlobClient(name).UploadAsync(bytes.Open(), options, token), cancellationToken);
    }

    protected override Task BeginAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task PutBlockAsync(int number, BlockBuffer bytes, CancellationToken cancellationToken)
    {
        var (id, md5) = (IdOf(number), bytes.Md5());
        var options = new BlockBlobStageBlockOptions { TransferValidation = new() { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5, PrecalculatedChecksum = md5 } };
        var response = await calls.CallAsync((container, token) => container.GetBlockBlobClient(name).StageBlockAsync(id, bytes.Open(), options, token), cancellationToken);
        _began ??= response.GetRawResponse().Headers.Date;
        _blocks.Add(id);
        _digests.Write(md5);
    }

    protected override async Task FinishAsync(CancellationToken cancellationToken)
    {
        var options = new CommitBlockListOptions { HttpHeaders = new() { ContentType = ContentType }, Metadata = Metadata() };
        try
        {
            await calls.CallAsync((container, token) => container.GetBlockBlobClient(name).CommitBlockListAsync(_blocks, options, token), cancellationToken);
        }
        catch (ObjectStoreException exception) when (exception.Fault is StoreFault.Gone)
        {
            // Whoever commits a blob discards all other blocks of its name. So another writer has put an object there while we sent ours, and
            // it is as if ours had been there just before.
            if (!(await AzureRanges.PropertiesAsync(calls, name, cancellationToken) is { } there && there.LastModified >= _began))
            {
                throw;
            }
        }
    }

    /// <summary>Azure has no way to discard blocks but to wait a week.</summary>
    protected override Task AbortAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Of one length, as the service demands, and no other writer's.</summary>
    private string IdOf(int number)
    {
        Span<byte> id = stackalloc byte[20];
        _nonce.TryWriteBytes(id);
        BinaryPrimitives.WriteInt32BigEndian(id[16..], number);
        return Convert.ToBase64String(id);
    }

#pragma warning disable CA5351 // A fingerprint against mixing two writings of one name, made of what is computed anyway.
    private Dictionary<string, string> Metadata() => new() { [Fingerprint] = Convert.ToHexStringLower(MD5.HashData(_digests.GetBuffer().AsSpan(0, (int)_digests.Length))) };
#pragma warning restore CA5351
}
