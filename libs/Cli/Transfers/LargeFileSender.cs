using ModelGarden.Cli.Garden;

namespace ModelGarden.Cli.Transfers;

/// <summary>Sends large files' bytes, several requests at a time.</summary>
internal sealed class LargeFileSender(Session session, RepositoryName model, ITransferView view) : IDisposable
{
    private const int RequestsAtOnce = 6;
    private const int FilesAtOnce = 4;
    private readonly SemaphoreSlim _requests = new(RequestsAtOnce);

    /// <summary>Those that the garden does not hold.</summary>
    public async Task SendAsync(IReadOnlyList<(LocalFile File, string Sha256)> files, CancellationToken cancellationToken)
    {
        foreach (var batch in files.DistinctBy(file => file.Sha256).Chunk(HubClient.BatchSize))
        {
            var plans = await session.Hub.PrepareAsync(model, batch.Select(file => (file.Sha256, file.File.Size)), cancellationToken);
            var missing = batch.Where(file => plans.GetValueOrDefault(file.Sha256) is not null);
            await Parallel.ForEachAsync(
                missing,
                new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce, CancellationToken = cancellationToken },
                async (file, cancel) => await SendAsync(file.File, file.Sha256, plans[file.Sha256]!, cancel));
        }
    }

    public void Dispose() => _requests.Dispose();

    private async Task SendAsync(LocalFile file, string sha256, UploadPlan plan, CancellationToken cancellationToken)
    {
        using var item = view.Begin(file.Path, file.Size);
        if (plan.Parts.Count is 0)
        {
            await PutAsync(plan.Href, file, 0, file.Size, item, cancellationToken);
        }
        else
        {
            await SendPartsAsync(file, sha256, plan, item, cancellationToken);
        }

        item.Done("uploaded");
    }

    private async Task SendPartsAsync(LocalFile file, string sha256, UploadPlan plan, ITransferItem item, CancellationToken cancellationToken)
    {
        var memory = PartMemory.Open(session.Terminal, sha256, plan.Href, plan.PartSize);
        var resumed = memory.All().Count > 0;
        try
        {
            await SendPartsAsync(file, plan, memory, item, cancellationToken);
            await session.Hub.CompleteAsync(plan.Href, sha256, memory.All(), cancellationToken);
        }
        catch (ErrorException exception) when (resumed && exception.Error.Code is ErrorCode.InvalidArgument or ErrorCode.Conflict or ErrorCode.NotFound)
        {
            // What arrived earlier is no longer there: all of it again, once.
            memory.Forget();
            item.Restart();
            await SendPartsAsync(file, plan, memory, item, cancellationToken);
            await session.Hub.CompleteAsync(plan.Href, sha256, memory.All(), cancellationToken);
        }

        memory.Forget();
    }

    private Task SendPartsAsync(LocalFile file, UploadPlan plan, PartMemory memory, ITransferItem item, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        Enumerable.Range(1, plan.Parts.Count),
        new ParallelOptions { MaxDegreeOfParallelism = RequestsAtOnce, CancellationToken = cancellationToken },
        async (number, cancel) =>
        {
            var offset = (number - 1) * plan.PartSize;
            var length = Math.Min(plan.PartSize, file.Size - offset);
            if (memory.EtagOf(number) is not null)
            {
                item.Advance(length);
                return;
            }

            memory.Add(number, await PutAsync(plan.Parts[number - 1], file, offset, length, item, cancel));
        });

    private async Task<string> PutAsync(string href, LocalFile file, long offset, long length, ITransferItem item, CancellationToken cancellationToken)
    {
        await _requests.WaitAsync(cancellationToken);
        SliceContent? last = null;
        try
        {
            return await session.Hub.PutAsync(
                href,
                length,
                () =>
                {
                    last?.TakeBack();
                    return last = new SliceContent(file, offset, length, item.Advance);
                },
                cancellationToken);
        }
        finally
        {
            _requests.Release();
        }
    }
}
