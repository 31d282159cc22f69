using System.Net;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Objects.AzureBlobs;
using ModelGarden.Artifacts.Tests.Objects.Servers;

namespace ModelGarden.Artifacts.Tests.Objects;

public sealed class AzureObjectStoreTests(AzureServer server) : RemoteStoreContract(server), IClassFixture<AzureServer>
{
    private protected override IObjectStore Open(Uri endpoint, string kind, bool wrongSecret = false, bool create = true)
    {
        var options = AzureServer.Options(endpoint, $"{kind}-{Guid.NewGuid():n}", wrongSecret ? Secret : AzureServer.Key);
        (options.Create, options.Retries) = (create, 1);
        return new AzureObjectStore(options) { PageSize = 7 };
    }

    [Fact]
    public async Task Presign_Changed_IsRefused()
    {
        await WriteAsync(Key, "text");
        using var http = new HttpClient();
        var url = (await Store.PresignAsync(Key, TimeSpan.FromMinutes(5), "model.bin", Cancel))!.ToString();

        using var response = await http.GetAsync(url.Replace("model.bin", "other.bin", StringComparison.Ordinal), Cancel);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }
}
