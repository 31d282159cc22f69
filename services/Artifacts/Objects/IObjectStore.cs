namespace ModelGarden.Artifacts.Objects;

/// <summary>
/// Keeps objects: named, there whole or not at all, never changed. A folder, a bucket. Every implementation passes
/// <c>ObjectStoreContract</c>.
/// </summary>
internal interface IObjectStore
{
    /// <summary>Begins an object. Nobody sees any of it before <see cref="IObjectWriter.CommitAsync"/>; a writer disposed before that leaves nothing.</summary>
    ValueTask<IObjectWriter> CreateAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>The object to read, or null when there is none. What is open stays readable when it is deleted.</summary>
    ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>Deletes an object; one that is not there is deleted already.</summary>
    ValueTask DeleteAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>The objects whose keys begin with whole segments of this prefix, in no order.</summary>
    IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Removes what writers of dead processes left, and what no living one has touched since then.</summary>
    ValueTask SweepAsync(DateTimeOffset untouchedSince, CancellationToken cancellationToken);
}

/// <summary>Writes one object, from its beginning on; used by one caller at a time.</summary>
internal interface IObjectWriter : IAsyncDisposable
{
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Makes the object be there, durably, in place of any of that name. Called once.</summary>
    ValueTask CommitAsync(CancellationToken cancellationToken);
}

/// <summary>Reads one object, from any place; used by many at once.</summary>
internal interface IObjectReader : IDisposable
{
    long Length { get; }

    /// <summary>Reads from this offset: at least one byte, or 0 at the end.</summary>
    ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken);

    /// <summary>A stream of its own that can seek and be read synchronously; to be disposed by the caller.</summary>
    Stream OpenStream();
}

/// <param name="Key">Its name.</param>
/// <param name="WrittenAt">When it was committed.</param>
internal readonly record struct ObjectEntry(ObjectKey Key, DateTimeOffset WrittenAt);
