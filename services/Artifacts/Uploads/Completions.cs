using System.Collections.Concurrent;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Uploads;

/// <summary>
/// Completes uploads: each once, however many ask for it at the same time; who asks while it is at work waits for the same answer. It goes on when whoever asked has
/// gone, since a long file takes longer than connections last: who asks again finds it further. What another replica has completed is complete.
/// </summary>
internal sealed class Completions(UploadReceiver receiver, UploadParts parts, UploadSessions sessions, StoredFiles files) : IHostedService, IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<Result<Sha256Digest>>>> _running = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Asked again after it has succeeded, it has succeeded.</summary>
    /// <param name="session">As it was when its request came.</param>
    /// <param name="completion">The parts that the client says there are; null: it leaves that to us.</param>
    /// <param name="cancellationToken">Ends the waiting only.</param>
    public async Task<Result<Sha256Digest>> RunAsync(UploadSession session, Completion? completion, CancellationToken cancellationToken)
    {
        if (completion is not null && completion.Oid != session.Sha256)
        {
            return ArtifactsErrors.WrongOid(completion.Oid);
        }

        if (session.IsCompleted)
        {
            return await OutcomeAsync(session, cancellationToken);
        }

        if (completion is not null && !_running.ContainsKey(session.Id) && completion.RefusalFor(session, await parts.ListAsync(session, cancellationToken)) is { } refusal)
        {
            return await FindCompletedAsync(session, cancellationToken) ?? refusal;
        }

        // The SHA-256 of all says whether the parts are right: while they are put together, it does not matter who listed them.
        var work = _running.GetOrAdd(session.Id, _ => new(() => Task.Run(() => CompleteAsync(session, _stopping.Token), CancellationToken.None)));
        return await work.Value.WaitAsync(cancellationToken);
    }

    /// <summary>What became of a completed upload: its file, unless that was collected since.</summary>
    public async Task<Result<Sha256Digest>> OutcomeAsync(UploadSession session, CancellationToken cancellationToken)
    {
        var digest = Sha256Digest.Create(session.Sha256).OrThrow();
        return await files.IsHeldAsync(session.Tenant, digest, cancellationToken) ? digest : ArtifactsErrors.FileGone;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        foreach (var work in _running.Values)
        {
            // Its failure is said to those who wait for it.
            await ((Task)work.Value).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _stopping.Dispose();

    private async Task<Result<Sha256Digest>> CompleteAsync(UploadSession session, CancellationToken cancellationToken)
    {
        try
        {
            var stored = await FindCompletedAsync(session, cancellationToken) ?? await receiver.PutTogetherAsync(session, cancellationToken);
            return stored.Error is null ? stored : await FindCompletedAsync(session, cancellationToken) ?? stored;
        }
        catch (Exception exception) when (exception is ErrorException or IOException or ObjectStoreException)
        {
            // Another replica that was quicker takes the parts away from under us.
            if (await FindCompletedAsync(session, cancellationToken) is { Error: null } stored)
            {
                return stored;
            }

            throw;
        }
        finally
        {
            _running.TryRemove(session.Id, out _);
        }
    }

    /// <summary>Null: the upload is not complete.</summary>
    private async Task<Result<Sha256Digest>?> FindCompletedAsync(UploadSession session, CancellationToken cancellationToken) =>
        await sessions.FindAsync(session.Id, cancellationToken) is { Error: null, Value: { IsCompleted: true } found } ? await OutcomeAsync(found, cancellationToken) : null;
}
