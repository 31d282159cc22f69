using System.Net;
using Azure.Core.Pipeline;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ModelGarden.StandIns.Tests.Hashing;

/// <summary>The checksum classes of the Azure client derive from the stand-in; the server is a handler here.</summary>
public sealed class AzureChecksumTests
{
    [Theory]
    // The check value of CRC-64/NVME, which Azure uses, least significant byte first.
    [InlineData(StorageChecksumAlgorithm.StorageCrc64, "x-ms-content-crc64", "8898790a86148bae")]
    [InlineData(StorageChecksumAlgorithm.MD5, "Content-MD5", "25f9e794323b453885f5181f1b624d0b")]
    public async Task Upload_WithTransferValidation_SendsTheChecksum(
        StorageChecksumAlgorithm algorithm, string header, string expected)
    {
        using var server = new RecordingHandler(header);
        using var client = new HttpClient(server);
        var options = new BlobClientOptions { Transport = new HttpClientTransport(client) };
        var blob = new BlobClient(new Uri("http://storage.test/account/container/blob"), options);

        await blob.UploadAsync(
            new MemoryStream("123456789"u8.ToArray()),
            new BlobUploadOptions { TransferValidation = new UploadTransferValidationOptions { ChecksumAlgorithm = algorithm } },
            TestContext.Current.CancellationToken);

        Assert.Equal(expected, server.Checksum);
    }

    /// <summary>Accepts every upload and keeps one header of it, in hexadecimal.</summary>
    private sealed class RecordingHandler(string header) : HttpMessageHandler
    {
        public string? Checksum { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var values = request.Headers.NonValidated.TryGetValues(header, out var found)
                ? found
                : request.Content!.Headers.NonValidated[header];
            Checksum = Convert.ToHexStringLower(Convert.FromBase64String(values.Single()));
            var response = new HttpResponseMessage(HttpStatusCode.Created);
            response.Headers.ETag = new("\"1\"");
            response.Content.Headers.LastModified = DateTimeOffset.UnixEpoch;
            return Task.FromResult(response);
        }
    }
}
