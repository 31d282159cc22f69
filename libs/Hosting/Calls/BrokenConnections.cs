namespace ModelGarden.Hosting.Calls;

/// <summary>
/// A connection that breaks before its HTTP/2 handshake is done can be reported without the socket's exception inside. Grpc.Net.Client tells
/// an unreachable service (UNAVAILABLE, tried again) from a broken one (INTERNAL, not tried again) by that exception, so it is put there.
/// </summary>
internal sealed class BrokenConnections(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException exception) when (exception.InnerException is null)
        {
            throw new HttpRequestException(exception.HttpRequestError, exception.Message, new IOException(exception.Message, exception), exception.StatusCode);
        }
    }
}
