using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Hub.Git;

/// <summary>Makes a pack (<see href="https://git-scm.com/docs/gitformat-pack"/>) of whole objects, each as it comes. The sum at the end is git's.</summary>
internal sealed class PackWriter(PktWriter lines) : IDisposable
{
#pragma warning disable CA5350 // SHA-1 is what a pack ends in
    private readonly IncrementalHash _sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
    private readonly MemoryStream _gathered = new();

    private static ReadOnlySpan<byte> Nothing => [0x78, 0x9c, 0x03, 0, 0, 0, 0, 1];

    public void Begin(long objects)
    {
        Span<byte> header = stackalloc byte[12];
        "PACK"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt32BigEndian(header[8..], checked((uint)objects));
        _gathered.Write(header);
    }

    public void Add(GitObject one)
    {
        WriteHeader((int)one.Type, one.Content.Length);
        if (one.Content.IsEmpty)
        {
            // .NET makes nothing at all of nothing.
            _gathered.Write(Nothing);
            return;
        }

        using (var deflated = new ZLibStream(_gathered, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflated.Write(one.Content.Span);
        }

        if (_gathered.Length >= PktWriter.LargestBand)
        {
            Send();
        }
    }

    public void End()
    {
        Send();
        lines.Band(1, _sum.GetHashAndReset());
    }

    public void Dispose()
    {
        _sum.Dispose();
        _gathered.Dispose();
    }

    private void Send()
    {
        var bytes = _gathered.GetBuffer().AsSpan(0, (int)_gathered.Length);
        _sum.AppendData(bytes);
        lines.Band(1, bytes);
        _gathered.SetLength(0);
    }

    // Four bits of the size beside the type, then seven a byte.
    private void WriteHeader(int type, int size)
    {
        var first = (type << 4) | (size & 15);
        for (size >>= 4; size > 0; size >>= 7)
        {
            _gathered.WriteByte((byte)(first | 0x80));
            first = size & 0x7f;
        }

        _gathered.WriteByte((byte)first);
    }
}
