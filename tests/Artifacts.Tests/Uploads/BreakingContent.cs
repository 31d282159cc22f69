using System.Net;

namespace ModelGarden.Artifacts.Tests.Uploads;

/// <summary>A body that breaks off in the middle, as when a client dies.</summary>
internal sealed class BreakingContent(byte[] bytes, int after) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(bytes.AsMemory(0, after));
        await stream.FlushAsync();
        throw new IOException("the client dies here");
    }

    protected override bool TryComputeLength(out long length)
    {
        length = bytes.Length;
        return true;
    }
}
