using System.Net;

namespace ModelGarden.Serving.Forwarding;

/// <summary>The body of a call, which knows whether all of it has left: an engine may have acted on a call that it was sent.</summary>
internal sealed class CallBody(byte[] body) : ByteArrayContent(body)
{
    /// <summary>All of it was written to the replica's connection.</summary>
    public bool IsSent { get; private set; }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await base.SerializeToStreamAsync(stream, context, cancellationToken);
        IsSent = true;
    }
}
