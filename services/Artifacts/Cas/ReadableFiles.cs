using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Conversion;
using ModelGarden.Artifacts.Files;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>The files that a token reads: those of its commit, found clean and not replaced by what they were converted to, unless it allows others.</summary>
internal sealed class ReadableFiles(FileLayouts layouts, StoredFiles files, CommitFiles commits, Conversions conversions)
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

        return access.AllowUnclean ? layout
            : file.Verdict is not Verdict.Clean ? ArtifactsErrors.NotClean(file)
            : await conversions.ReplacementOfAsync(digest, cancellationToken) is { } target ? ArtifactsErrors.Converted(digest, "", target)
            : layout;
    }
}
