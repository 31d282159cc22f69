using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;

namespace ModelGarden.Identity.Keys;

/// <summary>The garden's keys for internal tokens in the store, the same for every replica.</summary>
internal partial class KeyStore(IDbContextFactory<IdentityDbContext> contexts, TimeProvider clock, IdentityMetrics metrics, ILogger<KeyStore> logger)
{
    /// <summary>How long a key signs.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    /// <summary>How long it verifies after that: other replicas may sign with it for a minute, and what they sign lives five.</summary>
    public static readonly TimeSpan Retirement = TimeSpan.FromHours(1);

    /// <summary>What these keys are for: a key of one purpose is none for another.</summary>
    protected virtual string Purpose => "inside";

    /// <summary>The row that whoever makes such a key holds.</summary>
    protected virtual int Turn => 1;

    /// <summary>The keys that verify, newest first.</summary>
    public async Task<IReadOnlyList<SigningKeyRow>> ListAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await ListAsync(context, cancellationToken);
    }

    /// <summary>The same, after a new key was made if there was none or the newest had signed long enough, and retired ones were destroyed.</summary>
    public async Task<IReadOnlyList<SigningKeyRow>> KeepAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var keys = await ListAsync(context, cancellationToken);
        return IsDue(keys) ? await RotateAsync(context, cancellationToken) : keys;
    }

    private async Task<IReadOnlyList<SigningKeyRow>> RotateAsync(IdentityDbContext context, CancellationToken cancellationToken)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync($"UPDATE signing_key_turn SET turns = turns + 1 WHERE id = {Turn}", cancellationToken);
        if (!IsDue(await ListAsync(context, cancellationToken)))
        {
            return await ListAsync(context, cancellationToken);
        }

        var now = clock.GetUtcNow();
        DateTimeOffset? retiresAt = now + Retirement;
        await Own(context).Where(key => key.RetiresAt != null && key.RetiresAt <= now).ExecuteDeleteAsync(cancellationToken);
        await Own(context).Where(key => key.RetiresAt == null).ExecuteUpdateAsync(key => key.SetProperty(row => row.RetiresAt, retiresAt), cancellationToken);
        var made = Make(now);
        context.Add(made);
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        metrics.KeyMade();
        LogMade(made.Id);
        return await ListAsync(context, cancellationToken);
    }

    private bool IsDue(IReadOnlyList<SigningKeyRow> keys) => keys.Count is 0 || keys[0].CreatedAt + Lifetime <= clock.GetUtcNow();

    private async Task<IReadOnlyList<SigningKeyRow>> ListAsync(IdentityDbContext context, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await Own(context).Where(key => key.RetiresAt == null || key.RetiresAt > now)
            .OrderByDescending(key => key.CreatedAt).ThenByDescending(key => key.Id).ToListAsync(cancellationToken);
    }

    private IQueryable<SigningKeyRow> Own(IdentityDbContext context)
    {
        var purpose = Purpose;
        return context.SigningKeys.Where(key => key.Purpose == purpose);
    }

    private SigningKeyRow Make(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new()
        {
            Id = Guid.CreateVersion7(now).ToString("n"),
            PrivateKey = key.ExportPkcs8PrivateKey(),
            PublicKey = key.ExportSubjectPublicKeyInfo(),
            CreatedAt = now,
            Purpose = Purpose,
        };
    }

    [LoggerMessage(2001, LogLevel.Information, "made signing key {KeyId}, it signs from now on")]
    private partial void LogMade(string keyId);
}
