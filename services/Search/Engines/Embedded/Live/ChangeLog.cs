using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using ModelGarden.Contracts.V1;
using ModelGarden.Search.Engines.Embedded.Files;

namespace ModelGarden.Search.Engines.Embedded.Live;

/// <summary>One change of a log.</summary>
/// <param name="Position">Where in the feed it is.</param>
/// <param name="State">The repository's newest state; null: it was removed.</param>
/// <param name="Id">The repository's id; null: the change was none of a repository.</param>
internal readonly record struct LoggedChange(long Position, Repository? State, string? Id);

/// <summary>
/// The changes since the segments were written, each in the system's hands before it counts as applied: a process that is killed loses none. A file of magic and
/// version, then of each change its length and checksum (four bytes each; the checksum is of the length too), its kind (a byte), its position in the feed (eight), and
/// the state as <c>Repository</c> or the id that was removed.
/// </summary>
internal sealed class ChangeLog : IDisposable
{
    private const uint Version = 1;
    private const int HeaderLength = 16;
    private const int PrefixLength = 8;
    private const int LongestRecord = 1 << 28;
    private const byte Put = 1;
    private const byte Remove = 2;
    private const byte Pass = 3;
    private readonly FileStream _file;

    public ChangeLog(string path)
    {
        _file = new(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
        _file.Write(Header());
    }

    private static ReadOnlySpan<byte> Magic => "gardenlg"u8;

    public void Append(LoggedChange change)
    {
        var body = change.State?.ToByteArray() ?? Encoding.UTF8.GetBytes(change.Id ?? "");
        var record = new byte[PrefixLength + 9 + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(record, 9 + body.Length);
        record[PrefixLength] = change.State is not null ? Put : change.Id is not null ? Remove : Pass;
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(PrefixLength + 1), change.Position);
        body.CopyTo(record.AsSpan(PrefixLength + 9));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), ChecksumOf(record));
        _file.Write(record);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>The changes of a log, up to the first one that is not as it was written; says how many bytes were good.</summary>
    public static IReadOnlyList<LoggedChange> Read(string path, out long good, out bool isWhole)
    {
        var bytes = File.ReadAllBytes(path);
        var changes = new List<LoggedChange>();
        var at = bytes.AsSpan().StartsWith(Header()) ? HeaderLength : bytes.Length + 1;
        while (at < bytes.Length && TryRead(bytes.AsSpan(at), out var change, out var length))
        {
            changes.Add(change);
            at += length;
        }

        (good, isWhole) = (at > bytes.Length ? 0 : at, at == bytes.Length);
        return changes;
    }

    private static byte[] Header()
    {
        var header = new byte[HeaderLength];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(Magic.Length), Version);
        return header;
    }

    private static uint ChecksumOf(ReadOnlySpan<byte> record) => Checksum.Of(record[PrefixLength..], Checksum.Of(record[..4]));

    private static bool TryRead(ReadOnlySpan<byte> rest, out LoggedChange change, out int length)
    {
        (change, length) = (default, 0);
        if (rest.Length < PrefixLength + 9 || BinaryPrimitives.ReadInt32LittleEndian(rest) is var size && (size < 9 || size > Math.Min(LongestRecord, rest.Length - PrefixLength)))
        {
            return false;
        }

        length = PrefixLength + size;
        var record = rest[..length];
        if (ChecksumOf(record) != BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]))
        {
            return false;
        }

        return TryRead(record[PrefixLength], BinaryPrimitives.ReadInt64LittleEndian(record[(PrefixLength + 1)..]), record[(PrefixLength + 9)..], out change);
    }

    private static bool TryRead(byte kind, long position, ReadOnlySpan<byte> body, out LoggedChange change)
    {
        try
        {
            change = kind switch
            {
                Put when Repository.Parser.ParseFrom(body) is var state => new(position, state, state.Id),
                Remove => new(position, null, Encoding.UTF8.GetString(body)),
                _ => new(position, null, null),
            };
            return kind is Put or Remove or Pass;
        }
        catch (InvalidProtocolBufferException)
        {
            change = default;
            return false;
        }
    }
}
