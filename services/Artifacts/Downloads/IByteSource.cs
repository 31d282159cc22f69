using System.IO.Pipelines;

namespace ModelGarden.Artifacts.Downloads;

/// <summary>Bytes that can be sent from any place: a file, or a part of one as Xet clients take it.</summary>
internal interface IByteSource
{
    /// <summary>In bytes.</summary>
    long Length { get; }

    /// <summary>Writes the bytes from <paramref name="first"/> to <paramref name="last"/>, both included, as fast as they are taken.</summary>
    Task CopyAsync(long first, long last, PipeWriter writer, CancellationToken cancellationToken);
}
