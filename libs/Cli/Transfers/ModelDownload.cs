using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Transfers;

/// <summary>What a download did.</summary>
internal sealed record Downloaded(string Commit, string Folder, IReadOnlyList<TreeEntry> Files, int Fetched);

/// <summary>Brings a revision's files into a folder, several at a time; those that are there as they should be stay.</summary>
internal sealed class ModelDownload(Session session, ModelReference model, string folder)
{
    private const int FilesAtOnce = 4;

    public async Task<Downloaded> RunAsync(IReadOnlyList<GlobPattern> patterns, CancellationToken cancellationToken)
    {
        var resolved = await session.Garden.ResolveRevisionAsync(model, cancellationToken);
        var pinned = model with { Revision = resolved.Commit };
        var all = resolved.Commit.Length > 0 ? await session.Garden.ListFilesAsync(pinned, cancellationToken) : [];
        var files = all.Where(file => patterns.Count is 0 || patterns.Any(pattern => pattern.Matches(file.Path))).ToList();
        if (files.Count is 0)
        {
            throw new ErrorException(Error.NotFound("NO_FILES", all.Count is 0 ? $"{model} has no files" : $"none of the {all.Count} files of {model} is like that"));
        }

        var fetched = 0;
        await TransferViews.RunAsync(session, view => Parallel.ForEachAsync(
            files,
            new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce, CancellationToken = cancellationToken },
            async (file, cancel) =>
            {
                if (await new FileDownload(session, pinned, file, folder, view).RunAsync(cancel))
                {
                    Interlocked.Increment(ref fetched);
                }
            }));
        FileDownload.CleanUp(folder);
        return new(resolved.Commit, folder, files, fetched);
    }
}
