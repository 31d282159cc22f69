using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Examination;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Quotas;
using ModelGarden.Contracts.V1;
using ModelGarden.Formats;
using ModelGarden.Kernel;
using ModelGarden.Persistence;
using Verdict = ModelGarden.Contracts.V1.Verdict;

namespace ModelGarden.Artifacts.Conversion;

/// <summary>What is known of conversions.</summary>
internal sealed class Conversions(IDbContextFactory<ArtifactsDbContext> contexts, UsageCounter counter, IOptions<ArtifactsOptions> options, ArtifactsMetrics metrics, TimeProvider clock)
{
    private static readonly DateTimeOffset NeverNamed = DateTimeOffset.UnixEpoch;

    public ConversionPolicy Policy { get; } = options.Value.Conversion;

    /// <summary>Null: the file is none that is converted, or this garden converts nothing.</summary>
    public async Task<ConversionRow?> FindAsync(Sha256Digest source, CancellationToken cancellationToken)
    {
        if (Policy is ConversionPolicy.Off)
        {
            return null;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Conversions.SingleOrDefaultAsync(row => row.Source == source.Hex, cancellationToken);
    }

    /// <summary>
    /// The file that is given instead of this one; null: it is given itself, also while what it was converted to is not clean, since then neither could be had. Asked at each
    /// download: the row's statement, which may have megabytes, is not read.
    /// </summary>
    public async Task<string?> ReplacementOfAsync(Sha256Digest source, CancellationToken cancellationToken)
    {
        if (Policy is not ConversionPolicy.Instead)
        {
            return null;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Conversions
            .Where(row => row.Source == source.Hex && row.State == ConversionState.Done && context.Files.Any(file => file.Sha256 == row.Target && file.Verdict == Verdict.Clean))
            .Select(row => row.Target).SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>The next one that waits, or was broken off, behind another one.</summary>
    public async Task<ConversionRow?> NextAsync(string after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Conversions
            .Where(row => (row.State == ConversionState.Waiting || row.State == ConversionState.Converting) && string.Compare(row.Source, after) > 0)
            .OrderBy(row => row.Source).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>A tenant that has the file; null: it is on its way out.</summary>
    public async Task<string?> HolderOfAsync(string sha256, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.TenantFiles.Where(held => held.Sha256 == sha256).OrderBy(held => held.Tenant).Select(held => held.Tenant).FirstOrDefaultAsync(cancellationToken);
    }

    public async Task BeginAsync(ConversionRow row, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.Conversions.Where(found => found.Source == row.Source && found.State == ConversionState.Waiting).ExecuteUpdateAsync(
            found => found.SetProperty(set => set.State, ConversionState.Converting).SetProperty(set => set.ChangedAt, now), cancellationToken);
    }

    public async Task RefuseAsync(ConversionRow row, Error error, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var state = new GetConversionResponse { State = ConversionState.Impossible, Policy = Policy, Reason = error.Reason, Message = error.Message };
        await SayAsync(row, state, context => context.Conversions.Where(found => found.Source == row.Source && found.State != ConversionState.Done).ExecuteUpdateAsync(
            found => found.SetProperty(set => set.State, ConversionState.Impossible).SetProperty(set => set.Converter, FileExaminer.Rules)
                .SetProperty(set => set.Reason, error.Reason).SetProperty(set => set.Message, error.Message).SetProperty(set => set.ChangedAt, now),
            cancellationToken), cancellationToken);
    }

    /// <summary>Only over one that is not done: another replica may have been quicker, and its file is the same. All who have the one file have the other.</summary>
    public async Task FinishAsync(ConversionRow row, ConvertedFile file, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var state = new GetConversionResponse { State = ConversionState.Done, Policy = Policy, Sha256 = file.Digest.Hex, Size = file.Size };
        await SayAsync(row, state, async context =>
        {
            // Who gets it meanwhile is among those who have it, or finds this.
            await FileRow.LockAsync(context, row.Source, cancellationToken);
            var kept = await context.Conversions.Where(found => found.Source == row.Source && found.State != ConversionState.Done).ExecuteUpdateAsync(
                found => found.SetProperty(set => set.State, ConversionState.Done).SetProperty(set => set.Converter, FileExaminer.Rules).SetProperty(set => set.Target, file.Digest.Hex)
                    .SetProperty(set => set.Size, file.Size).SetProperty(set => set.Statement, file.Statement).SetProperty(set => set.ChangedAt, now),
                cancellationToken);
            var tenants = await context.TenantFiles.Where(held => held.Sha256 == row.Source).Select(held => held.Tenant).ToListAsync(cancellationToken);
            foreach (var tenant in tenants.Order(StringComparer.Ordinal))
            {
                await UsageLedger.HoldAsync(context, tenant, file.Digest.Hex, now, NeverNamed, cancellationToken);
            }

            return kept;
        }, cancellationToken);
        counter.Wake();
    }

    /// <summary>A tenant that has the checkpoint has what it was converted to, also when it came later.</summary>
    public async Task HoldAsync(string tenant, ConversionRow done, CancellationToken cancellationToken)
    {
        await contexts.TransactAsync(
            async (context, transaction) =>
            {
                await UsageLedger.HoldAsync(context, tenant, done.Target!, clock.GetUtcNow(), NeverNamed, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            },
            cancellationToken);
        counter.Wake();
    }

    /// <summary>Writes what became of a conversion, and tells of it if this was the first to say so: 1 row was changed.</summary>
    private async Task SayAsync(ConversionRow row, GetConversionResponse state, Func<ArtifactsDbContext, Task<int>> write, CancellationToken cancellationToken)
    {
        var isFirst = await contexts.TransactAsync(
            async (context, transaction) =>
            {
                var kept = await write(context);
                if (kept is 1)
                {
                    context.Announce($"conversion/{row.Source}", state);
                    await context.SaveChangesAsync(cancellationToken);
                }

                await transaction.CommitAsync(cancellationToken);
                return kept is 1;
            },
            cancellationToken);
        if (isFirst)
        {
            metrics.Converted(state.State);
        }
    }
}
