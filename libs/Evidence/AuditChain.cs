using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Evidence;

/// <summary>The last link of the chain: nothing is behind it.</summary>
public sealed record AuditHead(long Sequence, byte[] Hash);

/// <summary>
/// The arithmetic of the chain: each record's hash is the SHA-256 of the hash before it and of the SHA-256 of its own canonical form, so that a record that
/// is changed, taken out or moved breaks every link behind it, and a link proves itself without its record. The first one follows 32 zero bytes.
/// </summary>
public static class AuditChain
{
    public static AuditHead Beginning { get; } = new(0, new byte[SHA256.HashSizeInBytes]);

    /// <summary>The hash of a record as it stands in the chain, by its previous hash and its content.</summary>
    public static byte[] HashOf(AuditRecord record) => HashOf(record.PreviousHash.Span, ContentOf(record));

    /// <summary>A record's place in the chain, without the record.</summary>
    public static AuditLink LinkOf(AuditRecord record) => new()
    {
        Sequence = record.Sequence,
        PreviousHash = record.PreviousHash,
        Hash = record.Hash,
        ContentSha256 = record.Hash.Span.SequenceEqual(HashOf(record)) ? ByteString.CopyFrom(ContentOf(record)) : ByteString.Empty,
    };

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
        PlaceFault(before, record.Sequence, record.PreviousHash)
        ?? (record.Hash.Span.SequenceEqual(HashOf(record)) || record.Hash.Span.SequenceEqual(FirstFormOf(record)) ? null : $"record {record.Sequence} was changed: its hash is not that of its content");

    /// <summary>Of a link whose record is not known.</summary>
    public static string? Fault(AuditHead before, AuditLink link) => PlaceFault(before, link.Sequence, link.PreviousHash) ?? link switch
    {
        { ContentSha256.IsEmpty: true } => $"record {link.Sequence} is of the chain's first form, and its link proves nothing: an operator or auditor exports the records themselves",
        _ when !link.Hash.Span.SequenceEqual(HashOf(link.PreviousHash.Span, link.ContentSha256.Span)) => $"record {link.Sequence} was changed: its hash is not that of its content",
        _ => null,
    };

    private static string? PlaceFault(AuditHead before, long sequence, ByteString previous) => true switch
    {
        _ when sequence > before.Sequence + 1 => $"record {before.Sequence + 1} is missing: record {sequence} stands in its place",
        _ when sequence <= before.Sequence => $"record {sequence} stands behind record {before.Sequence}: records were put in or moved",
        _ when !previous.Span.SequenceEqual(before.Hash) => $"record {sequence} does not follow record {before.Sequence}: its previous hash is another",
        _ => null,
    };

    private static byte[] HashOf(ReadOnlySpan<byte> previous, ReadOnlySpan<byte> content) => SHA256.HashData([.. previous, .. content]);

    private static byte[] ContentOf(AuditRecord record) => SHA256.HashData(Encoding.UTF8.GetBytes(Canonical(record)));

    /// <summary>What the hash was of before links had to prove themselves: the canonical form as it is.</summary>
    private static byte[] FirstFormOf(AuditRecord record) => SHA256.HashData([.. record.PreviousHash.Span, .. Encoding.UTF8.GetBytes(Canonical(record))]);

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
