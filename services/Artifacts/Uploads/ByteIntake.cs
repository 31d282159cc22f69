using System.Security.Cryptography;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Uploads;

/// <summary>
/// Takes bytes in from any number of sources, one after the other, hashing them while they are written: one buffer is hashed, and written on another
/// thread, while the other is filled. Holds two buffers, however long the file.
/// </summary>
internal sealed class ByteIntake(long expected, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask>? write) : IAsyncDisposable
{
    private const int SmallestBuffer = 4 << 10;
    private const int LargestBuffer = 2 << 20;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _filling = new byte[BufferSize(expected)];
    private byte[] _writing = new byte[BufferSize(expected)];
    private Task _write = Task.CompletedTask;
    private long _received;

    /// <summary>Reads a source to its end, or to where it is longer than expected.</summary>
    public async Task TakeAsync(Stream source, CancellationToken cancellationToken)
    {
        while (_received <= expected && await source.ReadAtLeastAsync(_filling, _filling.Length, throwOnEndOfStream: false, cancellationToken) is var read and > 0)
        {
            _received += read;
            await _write;
            (_filling, _writing) = (_writing, _filling);
            _write = write is null ? Task.CompletedTask : Task.Run(() => write(_writing.AsMemory(0, read), cancellationToken).AsTask(), CancellationToken.None);
            _hash.AppendData(_writing, 0, read);
        }
    }

    /// <summary>The digest of all, when all has come.</summary>
    public async Task<Result<Sha256Digest>> FinishAsync()
    {
        await _write;
        if (_received == expected)
        {
            return Sha256Digest.FromBytes(_hash.GetHashAndReset());
        }

        return _received > expected ? ArtifactsErrors.TooLong(expected) : ArtifactsErrors.WrongLength(expected, _received);
    }

    public async ValueTask DisposeAsync()
    {
        // The writer is disposed next: nothing may be writing then. How it ended is said where it was waited for, or overtaken by another failure.
        await _write.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _hash.Dispose();
    }

    private static int BufferSize(long expected) => (int)Math.Clamp(expected, SmallestBuffer, LargestBuffer);
}
