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
/// The changes since the segments were written, each in the system's hands before it counts as applied: a process that is killed loses none. A file of magic, version
/// and the position in the feed that it goes on from (eight, eight and eight bytes), then of each change its length and checksum (four bytes each; the checksum is of the
/// length too), its kind (a byte), its position in the feed (eight), and the state as <c>Repository</c> or the id that was removed. <see cref="ChangeLogReader"/> reads it.
/// </summary>
internal sealed class ChangeLog : IDisposable
{
    public const int HeaderLength = 24;
    public const int PrefixLength = 8;

    /// <summary>Kind and position.</summary>
    public const int ShortestBody = 9;
    public const byte Put = 1;
    public const byte Remove = 2;
    public const byte Pass = 3;
    private const uint Version = 2;
    private readonly FileStream _file;

    public ChangeLog(IndexDisk disk, string path, long start)
    {
        _file = disk.Create(path, buffer: 0);
        try
        {
            _file.Write(Header(start));
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public void Append(LoggedChange change)
    {
        var body = change.State?.ToByteArray() ?? Encoding.UTF8.GetBytes(change.Id ?? "");
        var record = new byte[PrefixLength + ShortestBody + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(record, ShortestBody + body.Length);
        record[PrefixLength] = change.State is not null ? Put : change.Id is not null ? Remove : Pass;
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(PrefixLength + 1), change.Position);
        body.CopyTo(record.AsSpan(PrefixLength + ShortestBody));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), ChecksumOf(record));
        _file.Write(record);
    }

    public void Dispose() => _file.Dispose();

    public static byte[] Header(long start)
    {
        var header = new byte[HeaderLength];
        "gardenlg"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), start);
        return header;
    }

    /// <summary>Of a record, prefix included.</summary>
    public static uint ChecksumOf(ReadOnlySpan<byte> record) => Checksum.Of(record[PrefixLength..], Checksum.Of(record[..4]));
}
