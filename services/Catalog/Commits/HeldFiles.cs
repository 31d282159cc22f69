using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Calls;

namespace ModelGarden.Catalog.Commits;

/// <summary>Asks Artifacts for the large files of a commit: only bytes that a tenant holds can be committed.</summary>
internal sealed class HeldFiles(IDbContextFactory<CatalogDbContext> contexts, Peers peers)
{
    private const int BatchSize = 500;

    /// <summary>On the caller's behalf, what Artifacts knows of those that his tenant holds, by SHA-256; FILE_NOT_UPLOADED or SIZE_MISMATCH naming the path.</summary>
    public Task<Result<Dictionary<string, StoredFile>>> AskAsync(CommitPlan plan, CancellationToken cancellationToken) =>
        AskAsync([.. plan.Operations.OfType<PutLarge>()], peers.AsCaller(ServiceNames.Artifacts), "", cancellationToken);

    /// <inheritdoc cref="AskAsync(CommitPlan, CancellationToken)"/>
    public Task<Result<Dictionary<string, StoredFile>>> AskAsync(IReadOnlyList<PutLarge> wanted, CancellationToken cancellationToken) =>
        AskAsync(wanted, peers.AsCaller(ServiceNames.Artifacts), "", cancellationToken);

    /// <summary>The same for a commit to this repository. With a token for it alone the caller has what he sent with such a token, and what the repository has already.</summary>
    public async Task<Result<Dictionary<string, StoredFile>>> AskAsync(StoredRepository repository, CommitPlan plan, Caller caller, CancellationToken cancellationToken)
    {
        var kept = caller.IsBound ? await KeptAsync(repository.Id, plan, cancellationToken) : [];
        var wanted = plan.Operations.OfType<PutLarge>().ToLookup(file => kept.Contains(file.Sha256.Hex));
        var sent = await AskAsync([.. wanted[false]], cancellationToken);
        var own = sent.Error is { } missing ? missing : await AskAsync([.. wanted[true]], RepositoryFinder.OwnerOf(repository), cancellationToken);
        return own.Error is { } fault ? fault : sent.Value.Concat(own.Value).ToDictionary();
    }

    /// <summary>The same of another tenant than the caller's, who may write in its namespace.</summary>
    public Task<Result<Dictionary<string, StoredFile>>> AskAsync(IReadOnlyList<PutLarge> wanted, TenantName tenant, CancellationToken cancellationToken) =>
        AskAsync(wanted, peers.AsService(ServiceNames.Artifacts), tenant.Value, cancellationToken);

    private async Task<HashSet<string>> KeptAsync(string repository, CommitPlan plan, CancellationToken cancellationToken)
    {
        var kept = new HashSet<string>(StringComparer.Ordinal);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        foreach (var digests in plan.Operations.OfType<PutLarge>().Select(file => file.Sha256.Hex).Distinct().Chunk(BatchSize))
        {
            kept.UnionWith(await context.LargeFiles.Where(row => row.RepositoryId == repository && digests.Contains(row.Sha256)).Select(row => row.Sha256).ToListAsync(cancellationToken));
        }

        return kept;
    }

    private static async Task<Result<Dictionary<string, StoredFile>>> AskAsync(IReadOnlyList<PutLarge> wanted, CallInvoker invoker, string tenant, CancellationToken cancellationToken)
    {
        var held = new Dictionary<string, StoredFile>(StringComparer.Ordinal);
        var artifacts = new Artifacts.ArtifactsClient(invoker);
        foreach (var digests in wanted.Select(file => file.Sha256.Hex).Distinct().Chunk(BatchSize))
        {
            var answer = await artifacts.GetFilesAsync(new() { Sha256 = { digests }, Tenant = tenant }, cancellationToken: cancellationToken);
            foreach (var file in answer.Files)
            {
                held[file.Sha256] = file;
            }
        }

        return wanted.Select(file => Fault(file, held.GetValueOrDefault(file.Sha256.Hex), tenant)).FirstOrDefault(fault => fault is not null) is { } error ? error : held;
    }

    private static Error? Fault(PutLarge wanted, StoredFile? held, string tenant) => held switch
    {
        null => Error.Invalid("FILE_NOT_UPLOADED", $"'{wanted.Path}': {(tenant.Length > 0 ? tenant : "your tenant")} has not uploaded a file with sha256 {wanted.Sha256}: upload it first, then commit"),
        _ when wanted.Size is { } size && size != held.Size => Error.Invalid(
            "SIZE_MISMATCH", $"'{wanted.Path}' is said to have {wanted.Size} bytes, but the uploaded file with sha256 {wanted.Sha256} has {held.Size}"),
        _ => null,
    };
}
