using System.IO.Compression;

namespace Grpc.Net.Compression;

/// <summary>One message encoding ("gzip", ...), for both directions.</summary>
public interface ICompressionProvider
{
    string EncodingName { get; }

    Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel);

    Stream CreateDecompressionStream(Stream stream);
}
