using System.Security.Cryptography;
using System.Text;

namespace ModelGarden.Entitlement.Audit;

/// <summary>The last link of the chain: nothing is behind it.</summary>
internal sealed record AuditHead(long Sequence, byte[] Hash);

/// <summary>
/// The arithmetic of the chain: each record's hash is the SHA-256 of the hash before it and of its own canonical form, so that a record that
/// is changed, taken out or moved breaks every link behind it. The first one follows 32 zero bytes.
/// </summary>
internal static class AuditChain
{
    public static AuditHead Beginning { get; } = new(0, new byte[SHA256.HashSizeInBytes]);

    /// <summary>The record as the next link.</summary>
    public static AuditRow Append(AuditHead head, AuditRow record)
    {
        var next = record with { Sequence = head.Sequence + 1, PreviousHash = head.Hash };
        return next with { Hash = HashOf(next) };
    }

    /// <summary>The first thing wrong with the records that follow a link, or null: they are the ones that were written.</summary>
    public static string? Fault(AuditHead before, IEnumerable<AuditRow> records)
    {
        foreach (var record in records)
        {
            if (record.Sequence != before.Sequence + 1)
            {
                return $"record {before.Sequence + 1} is missing: record {record.Sequence} stands in its place";
            }

            if (!record.PreviousHash.AsSpan().SequenceEqual(before.Hash))
            {
                return $"record {record.Sequence} does not follow record {before.Sequence}: its previous hash is another";
            }

            if (!record.Hash.AsSpan().SequenceEqual(HashOf(record)))
            {
                return $"record {record.Sequence} was changed: its hash is not that of its content";
            }

            before = new(record.Sequence, record.Hash);
        }

        return null;
    }

    private static byte[] HashOf(AuditRow record) => SHA256.HashData([.. record.PreviousHash, .. Encoding.UTF8.GetBytes(Canonical(record))]);

    private static string Canonical(AuditRow record) => CanonicalJson.Write(
    [
        ("sequence", record.Sequence),
        ("at", record.At.ToUnixTimeMilliseconds()),
        ("tenant", record.Tenant),
        ("account", record.Account),
        ("action", record.Action),
        ("subject", record.Subject),
        ("detail", record.Detail),
    ]);
}
