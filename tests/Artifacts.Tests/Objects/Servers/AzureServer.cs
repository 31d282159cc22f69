using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Tests.Objects.Servers;

/// <summary>Azure's blob emulator, with a container for whoever asks.</summary>
public sealed class AzureServer() : NodeServer("azure.cjs")
{
    public const string Account = "devstoreaccount1";

    // The emulator's own, known to all: Azure's documentation has it.
    public const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    internal static StoreOptions Options(Uri endpoint, string container, string key = Key) => new()
    {
        Kind = StoreOptions.AzureKind,
        Azure =
        {
            ConnectionString = $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={key};BlobEndpoint={endpoint.ToString().TrimEnd('/')}/{Account};",
            Container = container,
            Prefix = "gardens/blue",
        },
    };

    internal StoreOptions Options() => Options(Endpoint, $"container-{Guid.NewGuid():n}");
}
