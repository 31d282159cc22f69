using System.Security.Cryptography;
using System.Text;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Evidence;

/// <summary>The last link of the chain: nothing is behind it.</summary>
public sealed record AuditHead(long Sequence, byte[] Hash);

/// <summary>
/// The arithmetic of the chain: each record's hash is the SHA-256 of the hash before it and of its own canonical form, so that a record that
/// is changed, taken out or moved breaks every link behind it. The first one follows 32 zero bytes.
/// </summary>
public static class AuditChain
{
    public static AuditHead Beginning { get; } = new(0, new byte[SHA256.HashSizeInBytes]);

    /// <summary>The hash of a record as it stands in the chain, by its previous hash and its content.</summary>
    public static byte[] HashOf(AuditRecord record) => SHA256.HashData([.. record.PreviousHash.Span, .. Encoding.UTF8.GetBytes(Canonical(record))]);

    /// <summary>The first thing wrong with the records that follow a link, or null: they are the ones that were written.</summary>
    public static string? Fault(AuditHead before, IEnumerable<AuditRecord> records)
    {
        foreach (var record in records)
        {
            if (Fault(before, record) is { } fault)
            {
                return fault;
            }

            before = new(record.Sequence, record.Hash.ToByteArray());
        }

        return null;
    }

    /// <inheritdoc cref="Fault(AuditHead, IEnumerable{AuditRecord})"/>
    public static string? Fault(AuditHead before, AuditRecord record) =>
        Fault(before, new AuditLink { Sequence = record.Sequence, PreviousHash = record.PreviousHash, Hash = record.Hash })
        ?? (record.Hash.Span.SequenceEqual(HashOf(record)) ? null : $"record {record.Sequence} was changed: its hash is not that of its content");

    /// <summary>Of a link whose record is not known: whether it follows.</summary>
    public static string? Fault(AuditHead before, AuditLink link) => link switch
    {
        _ when link.Sequence > before.Sequence + 1 => $"record {before.Sequence + 1} is missing: record {link.Sequence} stands in its place",
        _ when link.Sequence <= before.Sequence => $"record {link.Sequence} stands behind record {before.Sequence}: records were put in or moved",
        _ when !link.PreviousHash.Span.SequenceEqual(before.Hash) => $"record {link.Sequence} does not follow record {before.Sequence}: its previous hash is another",
        _ when link.Hash.Length != SHA256.HashSizeInBytes => $"record {link.Sequence} was changed: its hash has {link.Hash.Length} bytes",
        _ => null,
    };

    private static string Canonical(AuditRecord record) => CanonicalJson.Write(
    [
        ("sequence", record.Sequence),
        ("at", (record.At.Seconds * 1000) + (record.At.Nanos / 1_000_000)),
        ("tenant", record.Tenant),
        ("account", record.Account),
        ("action", record.Action),
        ("subject", record.Subject),
        ("detail", record.Detail),
    ]);
}
