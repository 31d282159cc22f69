using System.Buffers.Binary;
using System.Security.Cryptography;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Git;

/// <summary>One entry of a pack.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Data">Where its zlib stream begins.</param>
/// <param name="Type">git's: 1 to 4 for objects, 6 and 7 for deltas.</param>
/// <param name="Size">Of what is packed: the object, or the delta.</param>
/// <param name="Result">Bytes of the object that comes of it.</param>
/// <param name="BaseOffset">Of a delta of type 6.</param>
/// <param name="BaseId">Of a delta of type 7.</param>
internal sealed record PackEntry(long Offset, long Data, int Type, int Size, int Result, long BaseOffset, ObjectId BaseId)
{
    public bool IsDelta => Type > 4;
}

/// <summary>
/// A pack that a stranger sends (<see href="https://git-scm.com/docs/gitformat-pack"/>): kept in a temporary file that is gone when it is closed, checked by its
/// sum, and indexed. All of it is bounded before anything is made of it.
/// </summary>
internal sealed class PackFile : IDisposable
{
    public const long MaximumPack = 256 << 20;
    public const int MaximumObjects = 200_000;

    /// <summary>In bytes, of all objects together, unpacked.</summary>
    public const long MaximumContent = 256 << 20;

    /// <summary>In bytes, of one object. More than a small file may have, so that who sends one is told its path.</summary>
    public const int MaximumObject = 16 << 20;

    private const int HeaderSize = 12;
    private const int SumSize = 20;
    private readonly FileStream _file = new(
        Path.Combine(Path.GetTempPath(), $"garden-pack-{Guid.NewGuid():n}"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);

    private readonly PackSpace _space;
    private readonly PackSource _source;
    private readonly Inflater _inflater;
    private byte[] _buffer = new byte[64 << 10];
    private long _length;

    private PackFile(PackSpace space)
    {
        _space = space;
        _source = new(_file.SafeFileHandle, MaximumPack);
        _inflater = new(_source);
    }

    public IReadOnlyList<PackEntry> Entries { get; private set; } = [];

    /// <summary>In bytes, of all objects that come of it.</summary>
    public long Content => Entries.Sum(entry => (long)entry.Result);

    /// <summary>Takes a whole pack off a stream.</summary>
    public static async Task<PackFile> ReceiveAsync(Stream body, PackSpace space, CancellationToken cancellationToken)
    {
        var pack = new PackFile(space);
        var isWhole = false;
        try
        {
            await pack.SaveAsync(body, cancellationToken);
            pack.Entries = pack.Index();
            isWhole = true;
            return pack;
        }
        finally
        {
            if (!isWhole)
            {
                pack.Dispose();
            }
        }
    }

    /// <summary>What an entry holds; the next call may write over it.</summary>
    public ReadOnlySpan<byte> Read(PackEntry entry)
    {
        if (_buffer.Length < entry.Size)
        {
            _buffer = new byte[entry.Size];
        }

        _source.Position = entry.Data;
        var content = _buffer.AsSpan(0, entry.Size);
        _inflater.Inflate(content);
        return content;
    }

    public static ErrorException TooLarge(long size) => new(Error.Exhausted(
        "INLINE_TOO_LARGE", $"the push has a file of {size} bytes: what is larger than 1 MiB goes through git-lfs: 'git lfs migrate import --above=1MiB', then push again"));

    public void Dispose()
    {
        _file.Dispose();
        _space.Give(_length);
        _length = 0;
    }

    // The last twenty bytes are the sum of all others.
    private async Task SaveAsync(Stream body, CancellationToken cancellationToken)
    {
#pragma warning disable CA5350 // SHA-1 is what a pack ends in
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        var buffer = new byte[64 << 10];
        var held = 0;
        while (await body.ReadAsync(buffer.AsMemory(held), cancellationToken) is var read and > 0)
        {
            _space.Take(read);
            (held, _length) = (held + read, _length + read);
            await RandomAccess.WriteAsync(_file.SafeFileHandle, buffer.AsMemory(held - read, read), _length - read, cancellationToken);
            var safe = Math.Max(0, held - SumSize);
            sum.AppendData(buffer, 0, safe);
            buffer.AsSpan(safe, held - safe).CopyTo(buffer);
            held -= safe;
        }

        if (_length < HeaderSize + SumSize || !sum.GetHashAndReset().AsSpan().SequenceEqual(buffer.AsSpan(0, SumSize)))
        {
            throw Inflater.Bad(_length is 0 ? "there is none" : "its checksum is wrong");
        }
    }

    private List<PackEntry> Index()
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        _source.Position = 0;
        _source.Read(header);
        var count = BinaryPrimitives.ReadUInt32BigEndian(header[8..]);
        if (!header.StartsWith("PACK"u8) || BinaryPrimitives.ReadUInt32BigEndian(header[4..]) is not (2 or 3))
        {
            throw Inflater.Bad("it does not begin with PACK and version 2");
        }

        if (count > MaximumObjects)
        {
            throw new ErrorException(Error.Exhausted("PUSH_TOO_LARGE", $"{count} objects: at most {MaximumObjects} go into one push, push some of the commits first"));
        }

        var entries = new List<PackEntry>();
        var (packed, content) = (0L, 0L);
        for (var i = 0; i < count; i++)
        {
            var entry = ReadHeader();
            packed += entry.Size;
            CheckContent(packed);
            var bytes = Read(entry);
            entries.Add(entry.IsDelta ? entry with { Result = PackDelta.ResultSize(bytes) } : entry);
            content += entries[^1].Result;
            CheckContent(content);
        }

        return _source.Position == _length - SumSize ? entries : throw Inflater.Bad("something stands behind its last object");
    }

    private static void CheckContent(long bytes)
    {
        if (bytes > MaximumContent)
        {
            throw new ErrorException(Error.Exhausted("PUSH_TOO_LARGE", $"its objects have more than {MaximumContent >> 20} MiB: push some of the commits first"));
        }
    }

    private PackEntry ReadHeader()
    {
        var offset = _source.Position;
        var one = _source.Next();
        var (type, size) = ((one >> 4) & 7, (long)(one & 15));
        for (var shift = 4; one >= 0x80; shift += 7)
        {
            one = _source.Next();
            size |= (long)(one & 0x7f) << shift;
            if (shift > 53)
            {
                throw Inflater.Bad("an object's size has no end");
            }
        }

        if (size > MaximumObject)
        {
            throw TooLarge(size);
        }

        var (baseOffset, baseId) = type switch
        {
            1 or 2 or 3 or 4 => (0L, default(ObjectId)),
            6 => (offset - Distance(), default),
            7 => (0L, Id()),
            _ => throw Inflater.Bad($"an object has the unknown type {type}"),
        };
        return new(offset, _source.Position, type, (int)size, (int)size, baseOffset, baseId);
    }

    private long Distance()
    {
        var one = _source.Next();
        var distance = (long)(one & 0x7f);
        while (one >= 0x80)
        {
            one = _source.Next();
            distance = ((distance + 1) << 7) | (uint)(one & 0x7f);
            if (distance > MaximumPack)
            {
                throw Inflater.Bad("a delta's base lies before the pack");
            }
        }

        return distance;
    }

    private ObjectId Id()
    {
        Span<byte> id = stackalloc byte[SumSize];
        _source.Read(id);
        return ObjectId.Create(Convert.ToHexStringLower(id)).Value;
    }
}

/// <summary>The room on disk that all packs together may take while they come.</summary>
internal sealed class PackSpace
{
    private const long Maximum = 3 * PackFile.MaximumPack;
    private long _taken;

    public void Take(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) > Maximum)
        {
            Interlocked.Add(ref _taken, -bytes);
            throw new ErrorException(Error.Unavailable("BUSY", "others push as much as there is room for: push again in a minute"));
        }
    }

    public void Give(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
