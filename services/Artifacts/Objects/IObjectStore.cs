namespace ModelGarden.Artifacts.Objects;

/// <summary>
/// Keeps objects: named, there whole or not at all, never changed. A folder, a bucket. Every implementation passes
/// <c>ObjectStoreContract</c>. What goes wrong with the store itself is an <see cref="IOException"/>, of remote ones an
/// <see cref="ObjectStoreException"/>; one from a commit or a delete leaves open whether it took effect.
/// </summary>
internal interface IObjectStore : IObjectCopies
{
    /// <summary>It is at the other end of a network, where bytes are changed on the way and disks are others': what is read of it is to be verified.</summary>
    bool IsRemote { get; }

    /// <summary>Completes when the store can be used, having made its bucket or container where that is missing and allowed; else throws what is wrong and what to do.</summary>
    ValueTask CheckAsync(CancellationToken cancellationToken);

    /// <summary>Begins an object. Nobody sees any of it before <see cref="IObjectWriter.CommitAsync"/>; a writer disposed before that leaves nothing.</summary>
    ValueTask<IObjectWriter> CreateAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>Fills the buffer from this offset of an object, less only where it ends; null when there is no such object. One request: for a few small reads of something whose length is known.</summary>
    ValueTask<int?> ReadAsync(ObjectKey key, Memory<byte> buffer, long offset, CancellationToken cancellationToken);

    /// <summary>What a listing would say of this object, or null when there is none.</summary>
    ValueTask<ObjectEntry?> FindAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>Deletes an object; one that is not there is deleted already.</summary>
    ValueTask DeleteAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>The objects whose keys begin with whole segments of this prefix, in no order; read page by page.</summary>
    IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Removes what writers of dead processes left, where the store can tell, and else what nobody has touched since then. What a living one is writing stays.</summary>
    ValueTask SweepAsync(DateTimeOffset untouchedSince, CancellationToken cancellationToken);

    /// <summary>
    /// An address at which anyone reads the object (it is not checked that it is there) until the time is over, saved under this name; null when this store
    /// gives none. A secret until then.
    /// </summary>
    ValueTask<Uri?> PresignAsync(ObjectKey key, TimeSpan lifetime, string fileName, CancellationToken cancellationToken);
}

/// <summary>Objects to be read, and nothing else: all that is asked of a copy that something else keeps.</summary>
internal interface IObjectCopies
{
    /// <summary>
    /// The object to read, or null when there is none. A reader never mixes two objects: when the one that it was opened on is deleted or replaced by other
    /// bytes, it reads on (a folder does) or throws <see cref="StoreFault.Gone"/>. Costs a remote store one request.
    /// </summary>
    ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken cancellationToken);
}

/// <summary>Writes one object, from its beginning on; used by one caller at a time. Keeps a bounded part of it in memory.</summary>
internal interface IObjectWriter : IAsyncDisposable
{
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Makes the object be there, durably, in place of any of that name. Of several at once the store keeps one, whole. Called once.</summary>
    ValueTask CommitAsync(CancellationToken cancellationToken);
}

/// <summary>Reads one object, from any place; used by many at once. Remote stores read ahead of reads that follow on one another.</summary>
internal interface IObjectReader : IDisposable
{
    long Length { get; }

    /// <summary>Reads from this offset: at least one byte, or 0 at the end.</summary>
    ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken);

    /// <summary>A stream of its own that can seek and be read synchronously; to be disposed by the caller, before the reader.</summary>
    Stream OpenStream();
}

internal static class ObjectReading
{
    extension(IObjectReader reader)
    {
        /// <summary>Fills the buffer from this offset; false: the object ends before that.</summary>
        public async ValueTask<bool> FillAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
        {
            while (buffer.Length > 0)
            {
                var read = await reader.ReadAsync(buffer, offset, cancellationToken);
                if (read is 0)
                {
                    return false;
                }

                (buffer, offset) = (buffer[read..], offset + read);
            }

            return true;
        }
    }
}

/// <param name="Key">Its name.</param>
/// <param name="WrittenAt">When it was committed, or for long objects of some stores when its writing began.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct ObjectEntry(ObjectKey Key, DateTimeOffset WrittenAt, long Length);
