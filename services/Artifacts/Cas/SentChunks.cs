using System.Buffers;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>
/// How chunks are sent to Xet clients: as they are, behind a header that says so. However a chunk is stored, whoever stored it first, and whether any client could read
/// that, its reader cannot tell.
/// </summary>
internal static class SentChunks
{
    /// <summary>What so many chunks take that have so many bytes together.</summary>
    public static long Length(long chunks, long bytes) => bytes + (chunks * ChunkHeader.Size);

    /// <summary>Writes the bytes of one chunk, as it is sent, from <paramref name="skip"/> on.</summary>
    public static void Write(ChunkRun run, int number, int skip, Span<byte> destination)
    {
        var length = ChunkHeader.Size + run.LengthOf(number);
        if (skip is 0 && destination.Length == length)
        {
            Write(run, number, destination);
            return;
        }

        var rented = ArrayPool<byte>.Shared.Rent(length);
        Write(run, number, rented.AsSpan(0, length));
        rented.AsSpan(skip, destination.Length).CopyTo(destination);
        ArrayPool<byte>.Shared.Return(rented);
    }

    private static void Write(ChunkRun run, int number, Span<byte> whole)
    {
        var length = run.LengthOf(number);
        new ChunkHeader(length, ChunkScheme.None, length).Write(whole);
        run.Decode(number, 0, whole[ChunkHeader.Size..]);
    }
}
