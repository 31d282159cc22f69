using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>The files that a token reads: those of its commit, found clean unless it allows others.</summary>
internal sealed class ReadableFiles(FileLayouts layouts, StoredFiles files, CommitFiles commits)
{
    /// <summary>Not found: also what the token does not read, whoever else has it.</summary>
    public async Task<Result<FileLayout>> FindAsync(XetAccess access, XetHash hash, CancellationToken cancellationToken)
    {
        if (await layouts.DigestOfAsync(hash, cancellationToken) is not { } digest
            || !await commits.HasAsync(access.Repository, access.Commit, digest.Hex, cancellationToken)
            || await files.FindAsync(digest, cancellationToken) is not { } file
            || await layouts.FindAsync(digest, cancellationToken) is not { } layout)
        {
            return CasErrors.FileNotFound(hash);
        }

        return file.Verdict is Verdict.Clean || access.AllowUnclean ? layout : ArtifactsErrors.NotClean(file);
    }
}
