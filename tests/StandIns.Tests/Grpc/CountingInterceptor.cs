using Grpc.Core;
using Grpc.Core.Interceptors;

namespace ModelGarden.StandIns.Tests.Grpc;

/// <summary>Counts calls on the server, marks unary answers and refuses callers who ask for it.</summary>
internal sealed class CountingInterceptor(CallLog log) : Interceptor
{
    public const string DenyHeader = "x-deny";

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        log.Count(MethodType.Unary);
        context.ResponseTrailers.Add("x-intercepted", "server");
        return context.RequestHeaders.GetValue(DenyHeader) is null
            ? continuation(request, context)
            : throw new RpcException(new Status(StatusCode.PermissionDenied, "denied by the interceptor"));
    }

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        log.Count(MethodType.ClientStreaming);
        return continuation(requestStream, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        log.Count(MethodType.ServerStreaming);
        return continuation(request, responseStream, context);
    }

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        log.Count(MethodType.DuplexStreaming);
        return continuation(requestStream, responseStream, context);
    }
}
