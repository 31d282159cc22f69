using ModelGarden.Catalog.Reading;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Formats;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Calls;
using ModelGarden.Hosting.Errors;
using ModelGarden.Scanning;

namespace ModelGarden.Catalog.Facts;

/// <summary>Lists the tensors of a revision's files: of large files Artifacts does.</summary>
internal sealed class TensorLists(FileReading reading, Peers peers)
{
    private const int LargestPage = 1000;

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
        var file = await reading.ReadAsync(context, repository, new() { Revision = revision, Path = request.Path }, cancellationToken);
        if ((file.Error ?? Refusal(repository, file.Value)) is { } refusal)
        {
            return refusal;
        }

        var skip = (int)Math.Min(place.Value.Number, int.MaxValue);
        var read = await ReadAsync(file.Value, skip, size.Value, cancellationToken);
        if (read.Total is 0)
        {
            return Error.Invalid("NO_TENSORS", $"'{Text.Shorten(request.Path)}' lists no tensors: safetensors, GGUF, ONNX and torch checkpoints do");
        }

        var end = skip + read.Tensors.Count;
        return new ListTensorsResponse
        {
            Tensors = { read.Tensors },
            Total = read.Total,
            Commit = file.Value.Commit,
            NextPageToken = read.Tensors.Count > 0 && end < read.Total ? PageToken.Write(end, file.Value.Commit) : "",
        };
    }

    /// <summary>What is not clean is read by those alone who review it: nobody knows what it is.</summary>
    private static Error? Refusal(SeenRepository repository, ReadFileResponse file) => repository.IsReviewer || file.Entry.Verdict is Verdict.Clean
        ? null
        : FileErrors.NotClean($"'{Text.Shorten(file.Entry.Path)}' of {repository.Row.Name}", file.Entry.Verdict, file.Entry.Finding);

    private async Task<ReadTensorsResponse> ReadAsync(ReadFileResponse file, int skip, int count, CancellationToken cancellationToken)
    {
        if (file.Entry.Sha256.Length > 0)
        {
            var artifacts = new Artifacts.ArtifactsClient(peers.AsService(ServiceNames.Artifacts));
            return await artifacts.ReadTensorsAsync(new() { Sha256 = file.Entry.Sha256, Skip = skip, Count = count }, cancellationToken: cancellationToken);
        }

        using var content = new MemoryStream(file.Content.ToByteArray(), writable: false);
        return FileReport.Tensors(FileExaminer.Examine("", content, content.Length, cancellationToken), skip, count);
    }
}
