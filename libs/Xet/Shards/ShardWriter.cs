using System.Buffers;
using System.Buffers.Binary;

namespace ModelGarden.Xet;

/// <summary>Writes shards with a footer and without lookup tables (xet.md 4, 7), which every client reads.</summary>
public static class ShardWriter
{
    /// <summary>Writes a shard of files and xorbs, as it is uploaded.</summary>
    /// <param name="shard">Fields are believed; a file's verification has one hash a segment, or is null.</param>
    /// <param name="created">Whole seconds of it are kept.</param>
    /// <param name="target">Takes the shard.</param>
    /// <returns>The shard's length in bytes; what is longer than <see cref="XetLimits.Shard"/> will be refused by others.</returns>
    public static long Write(Shard shard, DateTimeOffset created, IBufferWriter<byte> target) => Write(shard, default, created, null, target);

    /// <summary>Writes the answer to a question for a chunk: xorbs with keyed chunk hashes, which the client matches with its own.</summary>
    /// <param name="xorbs">With plain chunk hashes.</param>
    /// <param name="key">Keys the hashes; zeros leave them plain.</param>
    /// <param name="created">Whole seconds of it are kept.</param>
    /// <param name="expires">After <paramref name="created"/>: a shard that has expired, or says nothing, is not used again.</param>
    /// <param name="target">Takes the shard.</param>
    /// <returns>The shard's length in bytes.</returns>
    public static long WriteDedup(IReadOnlyList<ShardXorb> xorbs, XetHash key, DateTimeOffset created, DateTimeOffset expires, IBufferWriter<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(expires, created, nameof(expires));
        return Write(new([], xorbs), key, created, expires, target);
    }

    private static long Write(Shard shard, XetHash key, DateTimeOffset created, DateTimeOffset? expires, IBufferWriter<byte> target)
    {
        var at = WriteHeader(target);
        at += WriteFiles(shard.Files, target);
        var xorbSection = at;
        at += WriteXorbs(shard.Xorbs, key, target);
        var footer = target.GetSpan(ShardFormat.FooterSize)[..ShardFormat.FooterSize];
        ShardFooter.Write(footer, new(xorbSection, key, created, expires), Totals(shard), at);
        target.Advance(ShardFormat.FooterSize);
        return at + ShardFormat.FooterSize;
    }

    private static long WriteHeader(IBufferWriter<byte> target)
    {
        var header = Next(target);
        ShardFormat.Tag.CopyTo(header);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], ShardFormat.Version);
        BinaryPrimitives.WriteUInt64LittleEndian(header[40..], ShardFormat.FooterSize);
        target.Advance(ShardFormat.RecordSize);
        return ShardFormat.RecordSize;
    }

    private static long WriteFiles(IReadOnlyList<ShardFile> files, IBufferWriter<byte> target)
    {
        long written = 0;
        foreach (var file in files)
        {
            written += WriteFile(file, target);
        }

        return written + WriteBookend(target);
    }

    private static long WriteFile(ShardFile file, IBufferWriter<byte> target)
    {
        if (file.Verification is not null && file.Verification.Count != file.Segments.Count)
        {
            throw new ArgumentException($"file {file.Hash} has {file.Verification.Count} verification hashes for {file.Segments.Count} segments", nameof(file));
        }

        var flags = (file.Verification is null ? 0 : ShardFormat.HasVerification) | (file.Sha256 is null ? 0 : ShardFormat.HasMetadata);
        long written = WriteRecord(target, file.Hash, flags, (uint)file.Segments.Count, 0, 0);
        foreach (var segment in file.Segments)
        {
            written += WriteRecord(target, segment.Xorb, 0, (uint)segment.Length, (uint)segment.FirstChunk, (uint)segment.EndChunk);
        }

        foreach (var range in file.Verification ?? [])
        {
            written += WriteRecord(target, range, 0, 0, 0, 0);
        }

        return file.Sha256 is { } digest ? written + WriteRecord(target, XetHash.FromSha256(digest), 0, 0, 0, 0) : written;
    }

    private static long WriteXorbs(IReadOnlyList<ShardXorb> xorbs, XetHash key, IBufferWriter<byte> target)
    {
        long written = 0;
        foreach (var xorb in xorbs)
        {
            written += WriteRecord(target, xorb.Hash, 0, (uint)xorb.Chunks.Count, (uint)xorb.UnpackedLength, (uint)xorb.SerializedLength);
            foreach (var chunk in xorb.Chunks)
            {
                var hash = key.IsZero ? chunk.Hash : XetHashes.Keyed(key, chunk.Hash);
                written += WriteRecord(target, hash, (uint)chunk.Start, (uint)chunk.Length, chunk.IsDedupCandidate ? ShardFormat.DedupCandidate : 0, 0);
            }
        }

        return written + WriteBookend(target);
    }

    private static int WriteRecord(IBufferWriter<byte> target, XetHash hash, uint a, uint b, uint c, uint d)
    {
        var record = Next(target);
        hash.CopyTo(record);
        BinaryPrimitives.WriteUInt32LittleEndian(record[32..], a);
        BinaryPrimitives.WriteUInt32LittleEndian(record[36..], b);
        BinaryPrimitives.WriteUInt32LittleEndian(record[40..], c);
        BinaryPrimitives.WriteUInt32LittleEndian(record[44..], d);
        target.Advance(ShardFormat.RecordSize);
        return ShardFormat.RecordSize;
    }

    private static int WriteBookend(IBufferWriter<byte> target) => WriteRecord(target, XetHash.FromBytes(ShardFormat.Bookend), 0, 0, 0, 0);

    private static Span<byte> Next(IBufferWriter<byte> target) => target.GetSpan(ShardFormat.RecordSize)[..ShardFormat.RecordSize];

    private static ShardTotals Totals(Shard shard) =>
        new(shard.Xorbs.Sum(xorb => xorb.SerializedLength), shard.Files.Sum(file => file.Length), shard.Xorbs.Sum(xorb => xorb.UnpackedLength));
}
