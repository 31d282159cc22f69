using System.IO.Compression;

namespace Grpc.Net.Compression;

/// <summary>The "deflate" message encoding; streams it makes leave the inner stream open.</summary>
public sealed class DeflateCompressionProvider(CompressionLevel defaultCompressionLevel) : ICompressionProvider
{
    public string EncodingName => "deflate";

    // gRPC's "deflate" is the zlib format (RFC 1950), not a bare deflate stream.
    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        new ZLibStream(stream, compressionLevel ?? defaultCompressionLevel, leaveOpen: true);

    public Stream CreateDecompressionStream(Stream stream) =>
        new ZLibStream(stream, CompressionMode.Decompress, leaveOpen: true);
}
