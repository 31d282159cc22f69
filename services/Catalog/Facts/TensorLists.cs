using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Reading;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Formats;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Calls;
using ModelGarden.Scanning;

namespace ModelGarden.Catalog.Facts;

/// <summary>Lists the tensors of a revision's files: of large files Artifacts does.</summary>
internal sealed class TensorLists(FileReading reading, Peers peers)
{
    private const int LargestPage = 1000;
    private static readonly HashSet<string> Listing = ["safetensors", "gguf", "onnx", "torch"];

    public async Task<Result<ListTensorsResponse>> ListAsync(CatalogDbContext context, SeenRepository repository, ListTensorsRequest request, CancellationToken cancellationToken)
    {
        var size = PageToken.Size(request.PageSize, LargestPage, LargestPage);
        var place = PageToken.ReadPlace(request.PageToken);
        if ((size.Error ?? place.Error) is { } bad)
        {
            return bad;
        }

        // A page that follows is of the commit that the first one was of.
        var revision = place.Value.Id.Length > 0 ? place.Value.Id : request.Revision;
        var found = await reading.FindAsync(context, repository, revision, request.Path, cancellationToken);
        if ((found.Error ?? found.Value.Known.Refusal(repository)) is { } refusal)
        {
            return refusal;
        }

        // Whatever else a file is, it is not looked through for what it cannot have.
        var (skip, isListed) = ((int)Math.Min(place.Value.Number, int.MaxValue), found.Value.Known.Facts is { } facts && Listing.Contains(facts.Format));
        var read = isListed ? await ReadAsync(context, repository, found.Value.Item, skip, size.Value, cancellationToken) : new();
        if (read.Total is 0)
        {
            return Error.Invalid("NO_TENSORS", $"'{Text.Shorten(request.Path)}' lists no tensors, as far as it was examined: safetensors, GGUF, ONNX and torch checkpoints do");
        }

        var end = skip + read.Tensors.Count;
        return new ListTensorsResponse
        {
            Tensors = { read.Tensors },
            Total = read.Total,
            Commit = found.Value.Commit,
            NextPageToken = read.Tensors.Count > 0 && end < read.Total ? PageToken.Write(end, found.Value.Commit) : "",
        };
    }

    private async Task<ReadTensorsResponse> ReadAsync(CatalogDbContext context, SeenRepository repository, TreeItem file, int skip, int count, CancellationToken cancellationToken)
    {
        if (file.Sha256 is { } sha256)
        {
            var artifacts = new Artifacts.ArtifactsClient(peers.AsService(ServiceNames.Artifacts));
            return await artifacts.ReadTensorsAsync(new() { Sha256 = sha256.Hex, Skip = skip, Count = count }, cancellationToken: cancellationToken);
        }

        using var content = new MemoryStream(await context.ReadBlobAsync(repository.Id, file.Oid, cancellationToken), writable: false);
        return FileReport.Tensors(FileExaminer.Examine("", content, content.Length, cancellationToken), skip, count);
    }
}
