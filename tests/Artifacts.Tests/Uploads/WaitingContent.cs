using System.Net;

namespace ModelGarden.Artifacts.Tests.Uploads;

/// <summary>A body of which half comes at once, the other half when the test says so.</summary>
internal sealed class WaitingContent(byte[] bytes, Task goOn) : HttpContent
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the first half is on its way.</summary>
    public Task Begun => _begun.Task;

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
        await stream.FlushAsync();
        _begun.TrySetResult();
        await goOn;
        await stream.WriteAsync(bytes.AsMemory(bytes.Length / 2));
    }

    protected override bool TryComputeLength(out long length)
    {
        length = bytes.Length;
        return true;
    }
}
