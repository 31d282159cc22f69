using ModelGarden.Hosting;
using ModelGarden.Hosting.Calls;

namespace ModelGarden.Catalog.Commits;

/// <summary>Asks Artifacts, on the caller's behalf, for the large files of a commit: only bytes that his tenant holds can be committed.</summary>
internal sealed class HeldFiles(Peers peers)
{
    private const int BatchSize = 500;

    /// <summary>What Artifacts knows of them by SHA-256; FILE_NOT_UPLOADED or SIZE_MISMATCH naming the path.</summary>
    public Task<Result<Dictionary<string, StoredFile>>> AskAsync(CommitPlan plan, CancellationToken cancellationToken) =>
        AskAsync([.. plan.Operations.OfType<PutLarge>()], cancellationToken);

    public async Task<Result<Dictionary<string, StoredFile>>> AskAsync(IReadOnlyList<PutLarge> wanted, CancellationToken cancellationToken)
    {
        var held = new Dictionary<string, StoredFile>(StringComparer.Ordinal);
        foreach (var digests in wanted.Select(file => file.Sha256.Hex).Distinct().Chunk(BatchSize))
        {
            var artifacts = new Artifacts.ArtifactsClient(peers.AsCaller(ServiceNames.Artifacts));
            var answer = await artifacts.GetFilesAsync(new() { Sha256 = { digests } }, cancellationToken: cancellationToken);
            foreach (var file in answer.Files)
            {
                held[file.Sha256] = file;
            }
        }

        return wanted.Select(file => Fault(file, held.GetValueOrDefault(file.Sha256.Hex))).FirstOrDefault(fault => fault is not null) is { } error ? error : held;
    }

    private static Error? Fault(PutLarge wanted, StoredFile? held) => held switch
    {
        null => Error.Invalid("FILE_NOT_UPLOADED", $"'{wanted.Path}': your tenant has not uploaded a file with sha256 {wanted.Sha256}: upload it first, then commit"),
        _ when wanted.Size is { } size && size != held.Size => Error.Invalid(
            "SIZE_MISMATCH", $"'{wanted.Path}' is said to have {wanted.Size} bytes, but the uploaded file with sha256 {wanted.Sha256} has {held.Size}"),
        _ => null,
    };
}
