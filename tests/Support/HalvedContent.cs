using System.Net;

namespace ModelGarden.Testing;

/// <summary>A body of which half comes at once, the other half when the test says so.</summary>
public sealed class HalvedContent(byte[] bytes, Task rest) : HttpContent
{
    private readonly TaskCompletionSource _halfSent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the first half is on its way.</summary>
    public Task HalfSent => _halfSent.Task;

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
        await stream.FlushAsync();
        _halfSent.TrySetResult();
        await rest;
        await stream.WriteAsync(bytes.AsMemory(bytes.Length / 2));
    }

    protected override bool TryComputeLength(out long length)
    {
        length = bytes.Length;
        return true;
    }
}
