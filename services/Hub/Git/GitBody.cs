using System.IO.Compression;
using Microsoft.AspNetCore.Http.Features;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Git;

/// <summary>A request's body, unpacked if git packed it, and bounded either way.</summary>
internal static class GitBody
{
    public static Stream Open(HttpContext http, long maximum)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = maximum;
        }

        return http.Request.Headers.ContentEncoding.ToString().ToLowerInvariant() switch
        {
            "" or "identity" => new BoundedStream(http.Request.Body, maximum),
            "gzip" or "x-gzip" => new BoundedStream(new GZipStream(http.Request.Body, CompressionMode.Decompress), maximum),
            var other => throw PktReader.Bad($"its Content-Encoding '{Text.Shorten(other)}' is not known: gzip is"),
        };
    }

    /// <summary>Reads no more than it may.</summary>
    private sealed class BoundedStream(Stream inner, long maximum) : Stream
    {
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                var read = await inner.ReadAsync(buffer, cancellationToken);
                _read += read;
                return _read <= maximum ? read : throw new ErrorException(Error.Exhausted("BODY_TOO_LARGE", $"the request has more than {maximum >> 20} MiB: send less at once"));
            }
            catch (InvalidDataException exception)
            {
                throw PktReader.Bad($"its gzip is broken: {exception.Message}");
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("a request is read asynchronously");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
