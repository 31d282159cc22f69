using System.Net;
using ModelGarden.Serving.Endpoints;

namespace ModelGarden.Serving.Forwarding;

/// <summary>A replica's answer, headers read, body on its way; ends its hold on the replica when it is disposed.</summary>
internal sealed class ReplicaAnswer(ReplicaLease lease, HttpResponseMessage response) : IDisposable
{
    private const int MaximumBody = 64 << 20;

    public HttpResponseMessage Response { get; } = response;

    public bool IsSuccess => Response.StatusCode is >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices;

    /// <summary>The whole body; <see cref="InvalidDataException"/> for one that no engine should send.</summary>
    public async Task<byte[]> ReadAsync(CancellationToken cancellationToken)
    {
        await using var stream = await Response.Content.ReadAsStreamAsync(cancellationToken);
        var body = await BoundedBody.ReadAsync(stream, Response.Content.Headers.ContentLength, MaximumBody, cancellationToken);
        return body.Error is null ? body.Value : throw new InvalidDataException($"it is larger than {MaximumBody} bytes");
    }

    public void Dispose()
    {
        Response.Dispose();
        lease.Dispose();
    }
}
