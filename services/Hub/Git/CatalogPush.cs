using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Remembering;
using ModelGarden.Hub.Routing;

namespace ModelGarden.Hub.Git;

/// <summary>A push on its way to Catalog.</summary>
internal sealed class CatalogPush(Garden garden, OwnChanges own, HubRequest request)
{
    /// <param name="start">What is to come, and which refs move.</param>
    /// <param name="send">Sends the objects.</param>
    public async Task<PushResponse> RunAsync(PushStart start, Func<IClientStreamWriter<PushRequest>, Task> send)
    {
        using var call = garden.Catalog.Push(cancellationToken: request.Cancel);
        var answer = call.ResponseAsync;
        try
        {
            await call.RequestStream.WriteAsync(new() { Start = start }, request.Cancel);
            await send(call.RequestStream);
            await call.RequestStream.CompleteAsync();
        }
        catch (Exception exception) when (exception is RpcException or InvalidOperationException && !request.Cancel.IsCancellationRequested)
        {
            // Catalog has answered before it had everything: its answer says why.
        }

        return await own.ForgetAsync(answer, call.GetTrailers, request.Repository);
    }
}
