using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Downloads;
using ModelGarden.Artifacts.Files;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>A file that may be read.</summary>
internal sealed record ReadableFile(Sha256Digest Digest, FileLayout Layout);

/// <summary>The files that a token reads: those of its commit, found clean and not replaced by what they were converted to, unless it allows others.</summary>
internal sealed class ReadableFiles(FileLayouts layouts, StoredFiles files, CommitFiles commits, DownloadGate gate)
{
    /// <summary>Not found: also what the token does not read, whoever else has it.</summary>
    public async Task<Result<ReadableFile>> FindAsync(XetAccess access, XetHash hash, CancellationToken cancellationToken)
    {
        if (await layouts.DigestOfAsync(hash, cancellationToken) is not { } digest
            || await commits.EndingsOfAsync(access.Repository, access.Commit, digest.Hex, cancellationToken) is not { Count: > 0 } endings)
        {
            return CasErrors.FileNotFound(hash);
        }

        return await ReadAsync(hash, digest, access.AllowUnclean, file => gate.RefusalAsync(file, endings, cancellationToken), cancellationToken);
    }

    /// <summary>For who has shown before that the file is in his commit.</summary>
    public async Task<Result<ReadableFile>> ReadAsync(XetHash hash, bool allowUnclean, CancellationToken cancellationToken) =>
        await layouts.DigestOfAsync(hash, cancellationToken) is { } digest
            ? await ReadAsync(hash, digest, allowUnclean, file => gate.RefusalAsync(file, "", cancellationToken), cancellationToken)
            : CasErrors.FileNotFound(hash);

    private async Task<Result<ReadableFile>> ReadAsync(
        XetHash hash, Sha256Digest digest, bool allowUnclean, Func<StoredFile, Task<Error?>> refuse, CancellationToken cancellationToken)
    {
        if (await files.FindAsync(digest, cancellationToken) is not { } file || await LayoutAsync(hash, digest, cancellationToken) is not { } layout)
        {
            return CasErrors.FileNotFound(hash);
        }

        return !allowUnclean && await refuse(file) is { } refusal ? refusal : new ReadableFile(digest, layout);
    }

    /// <summary>One that is kept in mind is as good, as long as it has the same chunks.</summary>
    private async ValueTask<FileLayout?> LayoutAsync(XetHash hash, Sha256Digest digest, CancellationToken cancellationToken)
    {
        var layout = await layouts.FindAsync(digest, cancellationToken);
        layout = layout?.Hash == hash ? layout : await layouts.ReloadAsync(digest, cancellationToken);
        return layout?.Hash == hash ? layout : null;
    }
}
