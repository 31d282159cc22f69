using System.Buffers;
using System.Security.Cryptography;

namespace ModelGarden.Artifacts.Objects.Remote;

/// <summary>Bytes on their way to a remote store: grows with what is put in, so that small objects cost little.</summary>
internal sealed class BlockBuffer(int capacity)
{
    private const int Smallest = 64 << 10;
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Math.Min(capacity, Smallest));

    public int Length { get; private set; }

    public int Room => capacity - Length;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (Length + bytes.Length > _bytes.Length)
        {
            Grow(Length + bytes.Length);
        }

        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    public Stream Open() => new MemoryStream(_bytes, 0, Length, writable: false);

    /// <summary>The checksum that every server of both kinds verifies. It guards against broken lines; names are hashed with better.</summary>
#pragma warning disable CA5351 // MD5 is what Content-MD5 is.
    public byte[] Md5() => MD5.HashData(_bytes.AsSpan(0, Length));
#pragma warning restore CA5351

    /// <summary>Only when no request can still be reading it.</summary>
    public void Return() => ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _bytes, []));

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(capacity, Math.Max(needed, _bytes.Length * 2)));
        _bytes.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
