using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Search.Engines.Embedded.Live;

/// <summary>Reads a <see cref="ChangeLog"/> change by change, up to the first one that is not as it was written.</summary>
internal sealed class ChangeLogReader : IDisposable
{
    private const int LongestBody = 1 << 28;
    private readonly FileStream _file;
    private byte[] _record = new byte[1 << 16];

    public ChangeLogReader(string path)
    {
        _file = new(path, new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 1 << 16 });
        Length = _file.Length;
    }

    /// <summary>So many bytes are as they were written.</summary>
    public long Good { get; private set; }

    /// <summary>All that is there was read.</summary>
    public bool IsWhole => Good == Length;

    private long Length { get; }

    /// <summary>Reads the header; false: it is none, or the log does not go on from this position.</summary>
    public bool GoesOnFrom(long position)
    {
        var expected = ChangeLog.Header(position);
        if (!TryFill(0, expected.Length) || !_record.AsSpan(0, expected.Length).SequenceEqual(expected))
        {
            return false;
        }

        Good = expected.Length;
        return true;
    }

    public bool TryRead(out LoggedChange change)
    {
        change = default;
        if (!TryFill(0, ChangeLog.PrefixLength) || BinaryPrimitives.ReadInt32LittleEndian(_record) is var size && size is < ChangeLog.ShortestBody or > LongestBody || !TryFill(ChangeLog.PrefixLength, size))
        {
            return false;
        }

        var record = _record.AsSpan(0, ChangeLog.PrefixLength + size);
        if (ChangeLog.ChecksumOf(record) != BinaryPrimitives.ReadUInt32LittleEndian(record[4..]) || !TryParse(record[ChangeLog.PrefixLength..], out change))
        {
            return false;
        }

        Good += record.Length;
        return true;
    }

    public void Dispose() => _file.Dispose();

    private bool TryFill(int start, int length)
    {
        if (length > Length - _file.Position)
        {
            return false;
        }

        if (start + length > _record.Length)
        {
            Array.Resize(ref _record, start + length);
        }

        return _file.ReadAtLeast(_record.AsSpan(start, length), length, throwOnEndOfStream: false) == length;
    }

    private static bool TryParse(ReadOnlySpan<byte> record, out LoggedChange change)
    {
        var (kind, position) = (record[0], BinaryPrimitives.ReadInt64LittleEndian(record[1..]));
        var body = record[ChangeLog.ShortestBody..];
        try
        {
            change = kind switch
            {
                ChangeLog.Put when Repository.Parser.ParseFrom(body) is var state => new(position, state, state.Id),
                ChangeLog.Remove => new(position, null, Encoding.UTF8.GetString(body)),
                _ => new(position, null, null),
            };
            return kind is ChangeLog.Put or ChangeLog.Remove or ChangeLog.Pass;
        }
        catch (InvalidProtocolBufferException)
        {
            change = default;
            return false;
        }
    }
}
