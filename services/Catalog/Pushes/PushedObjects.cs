using Grpc.Core;

namespace ModelGarden.Catalog.Pushes;

/// <summary>The objects of a push by their ids, in memory, bounded.</summary>
internal sealed class PushedObjects
{
    public const int MaximumObjects = 200_000;
    public const long MaximumBytes = 256 << 20;

    public Dictionary<ObjectId, byte[]> Commits { get; } = [];

    public Dictionary<ObjectId, byte[]> Trees { get; } = [];

    public Dictionary<ObjectId, byte[]> Blobs { get; } = [];

    public Dictionary<ObjectId, byte[]> Tags { get; } = [];

    /// <summary>Why so much is not taken; null: it is.</summary>
    public static Error? Fault(long objects, long bytes) =>
        objects is < 0 or > MaximumObjects ? Error.Exhausted("PUSH_TOO_LARGE", $"{objects} objects: at most {MaximumObjects} go into one push, push some of the commits first")
        : bytes is < 0 or > MaximumBytes ? Error.Exhausted("PUSH_TOO_LARGE", $"{bytes} bytes of objects: at most {MaximumBytes} go into one push, push some of the commits first")
        : null;

    /// <summary>Takes what comes, up to what was announced.</summary>
    public async Task<Error?> TakeAsync(IAsyncStreamReader<PushRequest> requests, PushStart start, CancellationToken cancellationToken)
    {
        var (objects, bytes) = (0L, 0L);
        while (await requests.MoveNext(cancellationToken))
        {
            foreach (var one in requests.Current.Objects?.Objects ?? [])
            {
                objects++;
                bytes += one.Content.Length;
                if (objects > start.Objects || bytes > start.Bytes)
                {
                    return Error.Invalid("BAD_PUSH", $"more than the announced {start.Objects} objects of {start.Bytes} bytes came");
                }

                if (!Add(one))
                {
                    return Error.Invalid("BAD_PUSH", $"an object has the type {one.Type:d}: commit, tree, blob and tag are known");
                }
            }
        }

        return null;
    }

    private bool Add(GitObject one)
    {
        var content = one.Content.ToByteArray();
        switch (one.Type)
        {
            case GitObjectType.Commit:
                return Commits.TryAdd(ObjectId.Of("commit", content), content) || true;
            case GitObjectType.Tree:
                return Trees.TryAdd(ObjectId.Of("tree", content), content) || true;
            case GitObjectType.Blob:
                return Blobs.TryAdd(ObjectId.Of("blob", content), content) || true;
            case GitObjectType.Tag:
                return Tags.TryAdd(ObjectId.Of("tag", content), content) || true;
            default:
                return false;
        }
    }
}

/// <summary>How much of all pushes together may be in memory.</summary>
internal sealed class PushRoom : IDisposable
{
    private const int Piece = 1 << 20;
    private const int Pieces = (int)(PushedObjects.MaximumBytes / Piece) + 16;
    private readonly SemaphoreSlim _free = new(Pieces, Pieces);
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Waits until there is room for so many bytes.</summary>
    public async Task<IDisposable> TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        var taken = new Taken(_free);
        // One after the other, so that two that have half of it do not wait for each other.
        await _turn.WaitAsync(cancellationToken);
        try
        {
            for (var left = (bytes / Piece) + 1; left > 0; left--)
            {
                await _free.WaitAsync(cancellationToken);
                taken.Count++;
            }
        }
        catch (OperationCanceledException)
        {
            taken.Dispose();
            throw;
        }
        finally
        {
            _turn.Release();
        }

        return taken;
    }

    public void Dispose()
    {
        _free.Dispose();
        _turn.Dispose();
    }

    private sealed class Taken(SemaphoreSlim free) : IDisposable
    {
        public int Count { get; set; }

        public void Dispose() => free.Release(Count);
    }
}
