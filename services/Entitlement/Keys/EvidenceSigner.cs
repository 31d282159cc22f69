using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Evidence;
using ModelGarden.Hosting;

namespace ModelGarden.Entitlement.Keys;

/// <summary>
/// Signs what the garden states, as part of a change of the ledger: whoever makes that holds the only turn there is, so that of several replicas one makes the next key, and no two sign with
/// different ones.
/// </summary>
internal sealed class EvidenceSigner(IDbContextFactory<EntitlementDbContext> contexts, IOptions<GardenOptions> options)
{
    /// <summary>How long a key signs.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    /// <summary>What the garden calls itself in what it signs.</summary>
    public string Garden { get; } = options.Value.PublicUrl.Length > 0 ? options.Value.PublicUrl : "urn:modelgarden";

    /// <summary>All keys there ever were, newest first.</summary>
    public async Task<IReadOnlyList<EvidenceKeyRow>> ListAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.EvidenceKeys.OrderByDescending(key => key.CreatedAt).ThenByDescending(key => key.Id).ToListAsync(cancellationToken);
    }

    /// <summary>Signs what is stated in the garden's name; it is made once the key is there, for a new key is a record of the trail.</summary>
    public async Task<SignedEnvelope> SignAsync(LedgerPage page, Func<string, Statement> statement, CancellationToken cancellationToken)
    {
        var row = await KeepAsync(page, cancellationToken);
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(row.PrivateKey, out _);
        return Envelopes.Sign(statement(Garden), row.Id, key);
    }

    /// <summary>The key that signs, made anew if there is none or it has signed long enough.</summary>
    public static async Task<EvidenceKeyRow> KeepAsync(LedgerPage page, CancellationToken cancellationToken)
    {
        var newest = page.Context.EvidenceKeys.Local.FirstOrDefault() ?? await page.Context.EvidenceKeys.FirstOrDefaultAsync(key => key.RetiredAt == null, cancellationToken);
        return newest is not null && page.Now < newest.CreatedAt + Lifetime ? newest : await RotateAsync(page, cancellationToken);
    }

    private static async Task<EvidenceKeyRow> RotateAsync(LedgerPage page, CancellationToken cancellationToken)
    {
        DateTimeOffset? now = page.Now;
        await page.Context.EvidenceKeys.Where(key => key.RetiredAt == null)
            .ExecuteUpdateAsync(key => key.SetProperty(row => row.RetiredAt, now).SetProperty(row => row.PrivateKey, (byte[]?)null), cancellationToken);
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var publicKey = pair.ExportSubjectPublicKeyInfo();
        var made = new EvidenceKeyRow { Id = PublicKeys.IdOf(publicKey), PublicKey = publicKey, PrivateKey = pair.ExportPkcs8PrivateKey(), CreatedAt = page.Now };
        page.Context.Add(made);
        page.Record("", "", "evidence.key", made.Id);
        return made;
    }
}
