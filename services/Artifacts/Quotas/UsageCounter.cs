using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;
using ModelGarden.Persistence;

namespace ModelGarden.Artifacts.Quotas;

/// <summary>A file of a tenant whose chunks are to be counted, or where there is no <paramref name="Sha256"/>, one that it has no more and whose chunks are to be given back.</summary>
internal sealed record Uncounted(string Tenant, long Return, string Sha256);

/// <summary>How far it is: all, some, or nothing because somebody else has changed what was counted.</summary>
internal enum CountStep { Done, More, Overtaken }

/// <summary>Counts what waits to be counted, some xorbs at a time: each is planned beside everything else and then written in a transaction of some milliseconds.</summary>
internal sealed partial class UsageCounter(IDbContextFactory<ArtifactsDbContext> contexts, UsageLedger ledger, ILogger<UsageCounter> logger)
{
    private const int PageSize = 500;
    private const int XorbsAtOnce = 8;
    private const int MaximumAttempts = 20;
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    public void Wake() => _wakes.Writer.TryWrite(true);

    public ValueTask<bool> WokenAsync(CancellationToken cancellationToken) => _wakes.Reader.ReadAsync(cancellationToken);

    /// <summary>Who counts for a tenant, in this process, takes turns: two at once would only void each other's plans. Some tenants share one.</summary>
    public async Task<IDisposable> EnterAsync(string tenant, CancellationToken cancellationToken)
    {
        var turn = _turns[(uint)string.GetHashCode(tenant, StringComparison.Ordinal) % _turns.Length];
        await turn.WaitAsync(cancellationToken);
        return new Turn(turn);
    }

    /// <summary>What waits, of one tenant or of all: what is given back first.</summary>
    public async IAsyncEnumerable<Uncounted> WaitingAsync(string? tenant, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var page = await ReturnsAsync(tenant, 0, cancellationToken); page.Count > 0; page = await ReturnsAsync(tenant, page[^1].Return, cancellationToken))
        {
            foreach (var waiting in page)
            {
                yield return waiting;
            }
        }

        for (var page = await FilesAsync(tenant, new("", 0, ""), cancellationToken); page.Count > 0; page = await FilesAsync(tenant, page[^1], cancellationToken))
        {
            foreach (var waiting in page)
            {
                yield return waiting;
            }
        }
    }

    /// <summary>All of it, in its turn. Whatever is wrong with one file keeps no other from being counted: it is tried again at the next round.</summary>
    public async Task TryCountAsync(Uncounted waiting, CancellationToken cancellationToken)
    {
        try
        {
            using var turn = await EnterAsync(waiting.Tenant, cancellationToken);
            await CountAsync(waiting, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception, waiting.Tenant, waiting.Sha256, waiting.Return);
        }
    }

    /// <summary>Until all of it is counted. Needs a turn.</summary>
    public async Task CountAsync(Uncounted waiting, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaximumAttempts; attempt++)
        {
            var step = await CountSomeAsync(waiting, cancellationToken);
            if (step is CountStep.Done)
            {
                return;
            }

            attempt = step is CountStep.More ? -1 : attempt;
        }

        throw new InvalidOperationException($"the chunks of {waiting.Tenant} have changed {MaximumAttempts} times while they were counted");
    }

    /// <summary>Some xorbs of it. Needs a turn.</summary>
    public Task<CountStep> CountSomeAsync(Uncounted waiting, CancellationToken cancellationToken) =>
        waiting.Return > 0 ? GiveBackAsync(waiting, cancellationToken) : TakeAsync(waiting, cancellationToken);

    /// <summary>What these changes would be worth, with everything counted that waits; null: something has changed meanwhile. Needs a turn.</summary>
    public async Task<UsagePlan?> MeasureAsync(string tenant, ChunkChanges changes, CancellationToken cancellationToken)
    {
        await foreach (var waiting in WaitingAsync(tenant, cancellationToken))
        {
            await CountAsync(waiting, cancellationToken);
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await ledger.PlanAsync(context, tenant, changes, cancellationToken);
    }

    private async Task<List<Uncounted>> ReturnsAsync(string? tenant, long after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Returns.Where(given => given.Id > after && (tenant == null || given.Tenant == tenant)).OrderBy(given => given.Id)
            .Take(PageSize).Select(given => new Uncounted(given.Tenant, given.Id, "")).ToListAsync(cancellationToken);
    }

    private async Task<List<Uncounted>> FilesAsync(string? tenant, Uncounted after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var waiting = context.TenantFiles.Where(held => held.CountedTo < TenantFile.AllCounted);
        waiting = tenant is null
            ? waiting.Where(held => string.Compare(held.Tenant, after.Tenant) > 0 || (held.Tenant == after.Tenant && string.Compare(held.Sha256, after.Sha256) > 0))
            : waiting.Where(held => held.Tenant == tenant && string.Compare(held.Sha256, after.Sha256) > 0);
        return await waiting.OrderBy(held => held.Tenant).ThenBy(held => held.Sha256).Take(PageSize).Select(held => new Uncounted(held.Tenant, 0, held.Sha256)).ToListAsync(cancellationToken);
    }

    private async Task<CountStep> TakeAsync(Uncounted waiting, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var held = await context.TenantFiles.SingleOrDefaultAsync(row => row.Tenant == waiting.Tenant && row.Sha256 == waiting.Sha256, cancellationToken);
        if (held is null or { CountedTo: TenantFile.AllCounted })
        {
            return CountStep.Done;
        }

        if (await context.Layouts.SingleOrDefaultAsync(found => found.Sha256 == held.Sha256, cancellationToken) is not { } row)
        {
            return CountStep.Overtaken;
        }

        var layout = row.ToLayout();
        var rest = layout.Xorbs.Where(xorb => xorb > held.CountedTo).Order().Take(XorbsAtOnce + 1).ToList();
        var to = rest.Count > XorbsAtOnce ? rest[XorbsAtOnce - 1] : TenantFile.AllCounted;
        return await ledger.PlanAsync(context, held.Tenant, new ChunkChanges().Add(layout, 1, held.CountedTo, to), cancellationToken) is not { } plan
            || !await KeepAsync(held, row, to, plan, cancellationToken) ? CountStep.Overtaken
            : to is TenantFile.AllCounted ? CountStep.Done : CountStep.More;
    }

    /// <summary>False: it has changed meanwhile what the file is made of, or how much of it is counted.</summary>
    private Task<bool> KeepAsync(TenantFile held, LayoutRow row, long to, UsagePlan plan, CancellationToken cancellationToken) => contexts.TransactAsync(
        async (context, transaction) =>
        {
            if (await UsageLedger.LockLayoutAsync(context, held.Sha256, cancellationToken) is not { } layout || !layout.Terms.AsSpan().SequenceEqual(row.Terms))
            {
                return false;
            }

            var (isAll, counted) = (to is TenantFile.AllCounted, held.CountedTo);
            if (await context.TenantFiles.Where(found => found.Tenant == held.Tenant && found.Sha256 == held.Sha256 && found.CountedTo == counted).ExecuteUpdateAsync(
                found => found.SetProperty(set => set.CountedTo, to).SetProperty(set => set.UncountedBytes, isAll ? 0 : held.UncountedBytes), cancellationToken) is 0
                || !await UsageLedger.ApplyAsync(context, plan, cancellationToken))
            {
                return false;
            }

            if (isAll)
            {
                await context.Usages.Where(usage => usage.Tenant == held.Tenant).ExecuteUpdateAsync(
                    usage => usage.SetProperty(found => found.UncountedBytes, found => found.UncountedBytes - held.UncountedBytes), cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
            return true;
        },
        cancellationToken);

    private async Task<CountStep> GiveBackAsync(Uncounted waiting, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Returns.SingleOrDefaultAsync(row => row.Id == waiting.Return, cancellationToken) is not { } given)
        {
            return CountStep.Done;
        }

        // From the last to the first, as they were taken.
        var layout = given.ToLayout();
        var rest = layout.Xorbs.Where(xorb => xorb <= given.CountedTo).OrderDescending().Take(XorbsAtOnce + 1).ToList();
        var to = rest.Count > XorbsAtOnce ? rest[XorbsAtOnce] : 0;
        return await ledger.PlanAsync(context, given.Tenant, new ChunkChanges().Add(layout, -1, to, given.CountedTo), cancellationToken) is not { } plan
            || !await KeepAsync(given, to, plan, cancellationToken) ? CountStep.Overtaken
            : to is 0 ? CountStep.Done : CountStep.More;
    }

    private Task<bool> KeepAsync(TenantReturn given, long to, UsagePlan plan, CancellationToken cancellationToken) => contexts.TransactAsync(
        async (context, transaction) =>
        {
            var rows = context.Returns.Where(row => row.Id == given.Id && row.CountedTo == given.CountedTo);
            var changed = to is 0 ? await rows.ExecuteDeleteAsync(cancellationToken) : await rows.ExecuteUpdateAsync(row => row.SetProperty(found => found.CountedTo, to), cancellationToken);
            if (changed is 0 || !await UsageLedger.ApplyAsync(context, plan, cancellationToken))
            {
                return false;
            }

            await transaction.CommitAsync(cancellationToken);
            return true;
        },
        cancellationToken);

    [LoggerMessage(572, LogLevel.Error, "the chunks of a file of {Tenant} could not be counted now: file {File}, return {Return}")]
    private partial void LogFailed(Exception exception, string tenant, string file, long @return);

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
