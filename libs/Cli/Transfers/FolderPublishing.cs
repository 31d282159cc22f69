using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;

namespace ModelGarden.Cli.Transfers;

/// <summary>What a publication did.</summary>
/// <param name="Commit">The branch's head now.</param>
/// <param name="Sent">Files that were new or other than before.</param>
/// <param name="Present">Files that were there as they are.</param>
/// <param name="Ignored">Files that the repository does not want.</param>
/// <param name="Files">All that it has now, with their digests.</param>
internal sealed record Publication(string Commit, int Sent, int Present, int Ignored, IReadOnlyList<CommitFile> Files);

/// <summary>Brings a repository's branch to what a folder holds: sends what is not there, then commits. Files that only the repository has stay.</summary>
internal sealed class FolderPublishing(Session session, ModelReference model, string branch)
{
    private const int MaximumRules = 1 << 20;
    private const int HashesAtOnce = 2;

    /// <summary>Files are sent also where a <c>.gitignore</c> among them says that they are not wanted.</summary>
    public bool TakesIgnored { get; init; }

    /// <param name="files">The folder's.</param>
    /// <param name="head">The branch's head, which must still be it when the commit is made; empty: there is none.</param>
    /// <param name="message">The commit's.</param>
    /// <param name="cancellationToken">Ends it; what was sent is not sent again next time.</param>
    public async Task<Publication> RunAsync(IReadOnlyList<LocalFile> files, string head, string message, CancellationToken cancellationToken)
    {
        var plans = await PlanAsync(files, cancellationToken);
        var wanted = files.Where(file => !plans[file.Path].Ignored).ToList();
        var (all, changed) = (new List<CommitFile>(), new List<CommitFile>());
        var sender = new LargeFileSender(session);
        try
        {
            await TransferViews.RunAsync(session, async view =>
            {
                all.AddRange(await ReadAsync(wanted, plans, view, cancellationToken));
                changed.AddRange(all.Where(file => (file.Sha256 ?? file.Oid) != plans[file.File.Path].Oid));
                await sender.SendAsync([.. changed.Where(file => file.Sha256 is not null).Select(file => (file.File, file.Sha256!))], view, cancellationToken);
            });
        }
        catch (Exception exception) when (sender.KeptUntil is not null && exception is OperationCanceledException or NotReachableException or ErrorException)
        {
            session.Out.Note($"what has arrived is kept until {sender.KeptUntil:yyyy-MM-dd HH:mm} UTC: the same command goes on from there");
            throw;
        }

        var commit = changed.Count > 0 ? await CommitAsync(changed, head, message, cancellationToken) : head;
        return new(commit, changed.Count, wanted.Count - changed.Count, files.Count - wanted.Count, all);
    }

    private async Task<Dictionary<string, FilePlan>> PlanAsync(IReadOnlyList<LocalFile> files, CancellationToken cancellationToken)
    {
        var (ignore, attributes) = (TakesIgnored ? null : await RulesAsync(files, ".gitignore", cancellationToken), await RulesAsync(files, ".gitattributes", cancellationToken));
        var plans = new Dictionary<string, FilePlan>();
        foreach (var batch in files.Chunk(HubClient.BatchSize))
        {
            var asked = new List<(string, long, byte[])>();
            foreach (var file in batch)
            {
                asked.Add((file.Path, file.Size, await file.SampleAsync(cancellationToken)));
            }

            foreach (var (path, plan) in await session.Hub.PlanAsync(model, branch, asked, ignore, attributes, cancellationToken))
            {
                plans[path] = plan;
            }
        }

        return plans;
    }

    private static async Task<string?> RulesAsync(IReadOnlyList<LocalFile> files, string path, CancellationToken cancellationToken) =>
        files.FirstOrDefault(file => file.Path == path) switch
        {
            null => null,
            { Size: > MaximumRules } => throw new ErrorException(Error.Invalid("FILE_TOO_LARGE", $"{path} is larger than {MaximumRules} bytes")),
            var file => await File.ReadAllTextAsync(file.Place, cancellationToken),
        };

    private static async Task<CommitFile[]> ReadAsync(List<LocalFile> files, Dictionary<string, FilePlan> plans, ITransferView view, CancellationToken cancellationToken)
    {
        var read = new CommitFile[files.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, files.Count),
            new ParallelOptions { MaxDegreeOfParallelism = HashesAtOnce, CancellationToken = cancellationToken },
            async (i, cancel) => read[i] = await ReadAsync(files[i], plans[files[i].Path], view, cancel));
        return read;
    }

    private static async Task<CommitFile> ReadAsync(LocalFile file, FilePlan plan, ITransferView view, CancellationToken cancellationToken)
    {
        if (!plan.Large)
        {
            return new(file, null, await file.GitOidAsync(cancellationToken));
        }

        using var item = view.Begin($"reading {file.Path}", file.Size);
        return new(file, await file.Sha256Async(item.Advance, cancellationToken), null);
    }

    /// <summary>Each commit stands on the one before, so that nobody else's comes in between unseen.</summary>
    private async Task<string> CommitAsync(IReadOnlyList<CommitFile> files, string head, string message, CancellationToken cancellationToken)
    {
        var commits = CommitLines.Cut(files).ToList();
        for (var i = 0; i < commits.Count; i++)
        {
            var summary = commits.Count > 1 ? $"{message} ({i + 1} of {commits.Count})" : message;
            var lines = await CommitLines.WriteAsync(summary, head, commits[i], cancellationToken);
            head = await session.Hub.CommitAsync(model, branch, lines, cancellationToken);
        }

        return head;
    }
}
