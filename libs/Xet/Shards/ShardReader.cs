using System.Buffers.Binary;
using ModelGarden.Kernel;

namespace ModelGarden.Xet;

/// <summary>
/// Reads shards from strangers (xet.md 4), once from front to back: header, files, bookend, xorbs, bookend. What follows, and what the header
/// says of it, is different from client to client (trap 2) and is left alone. Counts are compared with the bytes that are there before anything is allocated.
/// </summary>
public static class ShardReader
{
    /// <summary>What the shard says, or what is wrong with it and at which byte.</summary>
    public static Result<Shard> Read(ReadOnlySpan<byte> shard)
    {
        if (shard.Length > XetLimits.Shard)
        {
            return Damaged(0, $"it has {shard.Length} bytes where {XetLimits.Shard} are allowed");
        }

        var cursor = new Cursor(shard);
        var (files, xorbs) = (new List<ShardFile>(), new List<ShardXorb>());
        var fault = ReadTag(ref cursor) ?? ReadFiles(ref cursor, files) ?? ReadXorbs(ref cursor, xorbs);
        return fault is null ? new Shard(files, xorbs) : fault;
    }

    private static Error? ReadTag(ref Cursor cursor)
    {
        if (!cursor.TryTake(1, out var header) || !header.StartsWith(ShardFormat.Tag))
        {
            return Damaged(0, "it does not begin with the tag of shards");
        }

        var version = BinaryPrimitives.ReadUInt64LittleEndian(header[ShardFormat.Tag.Length..]);
        return version == ShardFormat.Version ? null : Damaged(ShardFormat.Tag.Length, $"its version is {version} where {ShardFormat.Version} is expected");
    }

    private static Error? ReadFiles(ref Cursor cursor, List<ShardFile> files)
    {
        bool? verified = null;
        while (true)
        {
            var at = cursor.At;
            if (!cursor.TryTake(1, out var header))
            {
                return Damaged(at, "the section of files does not end with a bookend");
            }

            if (header.StartsWith(ShardFormat.Bookend))
            {
                return null;
            }

            if (ReadFile(ref cursor, header, at, out var file) is { } fault)
            {
                return fault;
            }

            if (file!.Segments.Count > 0 && verified is { } before && before != file.Verification is not null)
            {
                return Damaged(at, $"file {file.Hash} {(before ? "has no" : "has")} verification hashes, unlike those before it");
            }

            verified = file.Segments.Count > 0 ? file.Verification is not null : verified;
            files.Add(file);
        }
    }

    private static Error? ReadFile(ref Cursor cursor, ReadOnlySpan<byte> header, int at, out ShardFile? file)
    {
        file = null;
        var (hash, flags, count) = (HashOf(header), Word(header, 0), Word(header, 1));
        if (FileFault(hash, flags, count) is { } fault)
        {
            return Damaged(at, fault);
        }

        var hasVerification = (flags & ShardFormat.HasVerification) != 0;
        var first = cursor.At;
        ReadOnlySpan<byte> verification = default;
        ReadOnlySpan<byte> metadata = default;
        if (!cursor.TryTake(count, out var segments)
            || (hasVerification && !cursor.TryTake(count, out verification))
            || ((flags & ShardFormat.HasMetadata) != 0 && !cursor.TryTake(1, out metadata)))
        {
            return Damaged(at, $"file {hash} has {count} segments and is cut off");
        }

        if (ReadSegments(segments, first, out var read) is { } wrong)
        {
            return wrong;
        }

        file = new(hash, read, hasVerification ? Hashes(verification) : null, metadata.IsEmpty ? null : HashOf(metadata).ToSha256());
        return null;
    }

    private static string? FileFault(XetHash hash, uint flags, uint count)
    {
        if ((flags & ~(ShardFormat.HasVerification | ShardFormat.HasMetadata)) != 0)
        {
            return $"the flags {flags:x8} of file {hash} are not known";
        }

        return hash.IsZero == (count == 0) ? null : $"file {hash} has {count} segments: none and a hash of zeros go together";
    }

    private static Error? ReadSegments(ReadOnlySpan<byte> records, int at, out ShardSegment[] segments)
    {
        segments = records.IsEmpty ? [] : new ShardSegment[records.Length / ShardFormat.RecordSize];
        for (var n = 0; n < segments.Length; n++)
        {
            var record = Record(records, n);
            var (length, first, end) = (Word(record, 1), Word(record, 2), Word(record, 3));
            if (end > XetLimits.XorbChunks || first >= end || length < end - first || length > (end - first) * XetLimits.Chunk)
            {
                return Damaged(at + (n * ShardFormat.RecordSize), $"segment {n} has {length} bytes in the chunks {first} to {end} (exclusive) of xorb {HashOf(record)}");
            }

            segments[n] = new(HashOf(record), (int)length, (int)first, (int)end);
        }

        return null;
    }

    private static Error? ReadXorbs(ref Cursor cursor, List<ShardXorb> xorbs)
    {
        while (true)
        {
            var at = cursor.At;
            if (!cursor.TryTake(1, out var header))
            {
                return Damaged(at, "the section of xorbs does not end with a bookend");
            }

            if (header.StartsWith(ShardFormat.Bookend))
            {
                return null;
            }

            if (ReadXorb(ref cursor, header, at, out var xorb) is { } fault)
            {
                return fault;
            }

            xorbs.Add(xorb!);
        }
    }

    private static Error? ReadXorb(ref Cursor cursor, ReadOnlySpan<byte> header, int at, out ShardXorb? xorb)
    {
        xorb = null;
        var (hash, count) = (HashOf(header), Word(header, 1));
        if (count is < 1 or > XetLimits.XorbChunks || !cursor.TryTake(count, out var records))
        {
            return Damaged(at, $"xorb {hash} has {count} chunks where 1 to {XetLimits.XorbChunks} are expected, or is cut off");
        }

        if (ReadChunks(records, at + ShardFormat.RecordSize, out var chunks) is { } fault)
        {
            return fault;
        }

        var read = new ShardXorb(hash, chunks, Word(header, 3));
        if (read.UnpackedLength != Word(header, 2))
        {
            return Damaged(at, $"the chunks of xorb {hash} have {read.UnpackedLength} bytes where its header says {Word(header, 2)}");
        }

        xorb = read;
        return null;
    }

    private static Error? ReadChunks(ReadOnlySpan<byte> records, int at, out ShardChunk[] chunks)
    {
        chunks = new ShardChunk[records.Length / ShardFormat.RecordSize];
        var sum = 0;
        for (var n = 0; n < chunks.Length; n++)
        {
            var record = Record(records, n);
            var (start, length, flags) = (Word(record, 0), Word(record, 1), Word(record, 2));
            if (start != sum || length is < 1 or > XetLimits.Chunk)
            {
                return Damaged(at + (n * ShardFormat.RecordSize), $"chunk {n} begins at {start} with {length} bytes where 1 to {XetLimits.Chunk} from {sum} on are expected");
            }

            chunks[n] = new(HashOf(record), sum, (int)length, (flags & ShardFormat.DedupCandidate) != 0);
            sum += (int)length;
        }

        return null;
    }

    private static XetHash[] Hashes(ReadOnlySpan<byte> records)
    {
        var hashes = records.IsEmpty ? [] : new XetHash[records.Length / ShardFormat.RecordSize];
        for (var n = 0; n < hashes.Length; n++)
        {
            hashes[n] = HashOf(Record(records, n));
        }

        return hashes;
    }

    private static ReadOnlySpan<byte> Record(ReadOnlySpan<byte> records, int number) => records.Slice(number * ShardFormat.RecordSize, ShardFormat.RecordSize);

    private static XetHash HashOf(ReadOnlySpan<byte> record) => XetHash.FromBytes(record[..XetHash.Size]);

    // The four words behind a record's hash.
    private static uint Word(ReadOnlySpan<byte> record, int number) => BinaryPrimitives.ReadUInt32LittleEndian(record[(XetHash.Size + (4 * number))..]);

    private static Error Damaged(int at, string what) => Error.Invalid("BAD_SHARD", $"the shard is damaged at its byte {at}: {what}");

    private ref struct Cursor(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;

        public int At { get; private set; }

        public bool TryTake(uint records, out ReadOnlySpan<byte> taken)
        {
            taken = default;
            if (records > (uint)(_bytes.Length - At) / ShardFormat.RecordSize)
            {
                return false;
            }

            taken = _bytes.Slice(At, (int)records * ShardFormat.RecordSize);
            At += taken.Length;
            return true;
        }
    }
}
