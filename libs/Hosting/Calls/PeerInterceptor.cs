using Grpc.Core;
using Grpc.Core.Interceptors;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting.Calls;

/// <summary>Gives every call its token and deadline, and turns the failure of one that answers once into the error that the other side meant.</summary>
internal sealed class PeerInterceptor(string service, Func<CancellationToken, ValueTask<string>>? token) : Interceptor
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var call = new TaskCompletionSource<AsyncUnaryCall<TResponse>>(TaskCreationOptions.RunContinuationsAsynchronously);
        return new(
            RespondAsync(),
            HeadersAsync(),
            () => Started(call).GetStatus(),
            () => Started(call).GetTrailers(),
            () => Dispose(call));

        async Task<TResponse> RespondAsync()
        {
            try
            {
                return await AnswerAsync(StartAsync, context.Options.CancellationToken);
            }
            finally
            {
                call.TrySetCanceled();
            }
        }

        async Task<TResponse> StartAsync()
        {
            var started = continuation(request, await WithTokenAsync(context, true));
            call.SetResult(started);
            return await started.ResponseAsync;
        }

        async Task<Metadata> HeadersAsync() => await (await call.Task).ResponseHeadersAsync;
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        var call = StartAsync();
        return new(
            new StartingStream<TResponse>(call),
            HeadersAsync(),
            () => call.GetAwaiter().GetResult().GetStatus(),
            () => call.GetAwaiter().GetResult().GetTrailers(),
            () => Dispose(call));

        async Task<AsyncServerStreamingCall<TResponse>> StartAsync() => continuation(request, await WithTokenAsync(context, false));

        async Task<Metadata> HeadersAsync() => await (await call).ResponseHeadersAsync;
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation) =>
        throw new NotSupportedException($"{context.Method.FullName}: call its Async form, a thread that waits for another service serves nobody");

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        var call = StartAsync();
        return new(
            new StartingRequests<TRequest>(StreamAsync(), context.Options.WriteOptions),
            AnswerAsync(async () => await (await call).ResponseAsync, context.Options.CancellationToken),
            HeadersAsync(),
            () => call.GetAwaiter().GetResult().GetStatus(),
            () => call.GetAwaiter().GetResult().GetTrailers(),
            () => Dispose(call));

        async Task<AsyncClientStreamingCall<TRequest, TResponse>> StartAsync() => continuation(await WithTokenAsync(context, false));

        async Task<IClientStreamWriter<TRequest>> StreamAsync() => (await call).RequestStream;

        async Task<Metadata> HeadersAsync() => await (await call).ResponseHeadersAsync;
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation) =>
        throw new NotSupportedException($"{context.Method.FullName}: services send no streams of requests to each other; bytes go over HTTP");

    private async ValueTask<ClientInterceptorContext<TRequest, TResponse>> WithTokenAsync<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, bool withDeadline)
        where TRequest : class
        where TResponse : class
    {
        var headers = new Metadata();
        foreach (var entry in context.Options.Headers ?? [])
        {
            headers.Add(entry);
        }

        if (token is not null)
        {
            headers.Add("authorization", $"Bearer {await token(context.Options.CancellationToken)}");
        }

        var options = context.Options.WithHeaders(headers);
        return new(context.Method, context.Host, withDeadline && options.Deadline is null ? options.WithDeadline(DateTime.UtcNow + Deadline) : options);
    }

    /// <summary>One answer, or the error that the other side meant.</summary>
    private async Task<TResponse> AnswerAsync<TResponse>(Func<Task<TResponse>> answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer();
        }
        catch (RpcException exception) when (exception.StatusCode is StatusCode.Cancelled && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(exception.Status.Detail, exception, cancellationToken);
        }
        catch (RpcException exception)
        {
            throw new ErrorException(exception.ToError(service), exception);
        }
    }

    private static TCall Started<TCall>(TaskCompletionSource<TCall> call) => call.Task.GetAwaiter().GetResult();

    private static void Dispose<TResponse>(TaskCompletionSource<AsyncUnaryCall<TResponse>> call)
    {
        if (call.Task.IsCompletedSuccessfully)
        {
            call.Task.Result.Dispose();
        }
    }

    private static void Dispose<TCall>(Task<TCall> call)
        where TCall : IDisposable =>
        call.ContinueWith(started => started.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    /// <summary>A stream whose call starts once its token is there.</summary>
    private sealed class StartingStream<T>(Task<AsyncServerStreamingCall<T>> call) : IAsyncStreamReader<T>
    {
        public T Current => call.Result.ResponseStream.Current;

        public async Task<bool> MoveNext(CancellationToken cancellationToken) => await (await call).ResponseStream.MoveNext(cancellationToken);
    }

    /// <summary>A stream of requests whose call starts once its token is there.</summary>
    private sealed class StartingRequests<T>(Task<IClientStreamWriter<T>> stream, WriteOptions? options) : IClientStreamWriter<T>
    {
        public WriteOptions? WriteOptions { get; set; } = options;

        public async Task WriteAsync(T message) => await (await stream).WriteAsync(message);

        public async Task WriteAsync(T message, CancellationToken cancellationToken) => await (await stream).WriteAsync(message, cancellationToken);

        public async Task CompleteAsync() => await (await stream).CompleteAsync();
    }
}
