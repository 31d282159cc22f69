using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;
using ModelGarden.Hub.Routing;

namespace ModelGarden.Hub.Remembering;

/// <summary>Whatever is changed at Catalog from here is not answered from memory any more, once it is changed.</summary>
internal sealed class OwnChanges(FileAnswers answers) : Interceptor
{
    private static readonly string[] Reads = ["Get", "List", "Find", "Read", "Resolve", "Compare", "Check"];

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(request, context);
        return IsRead(context.Method.Name) || NameIn(request) is not { } name ? call
            : new(ForgetAsync(call.ResponseAsync, call.GetTrailers, name), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    /// <summary>Waits for a change of a repository to be answered, and forgets what was known of it.</summary>
    /// <param name="answer">What is waited for.</param>
    /// <param name="trailers">Beside the answer, once it is there: they name the repository where it was called by an old name.</param>
    /// <param name="repository">As it was called.</param>
    public async Task<TResponse> ForgetAsync<TResponse>(Task<TResponse> answer, Func<Metadata> trailers, string repository)
    {
        try
        {
            var response = await answer;
            answers.Forget(MovedRepositories.NameIn(trailers()) ?? repository);
            return response;
        }
        finally
        {
            // Also where it failed: the answer may be lost, and the change made.
            answers.Forget(repository);
        }
    }

    private static bool IsRead(string method) => Reads.Any(read => method.StartsWith(read, StringComparison.Ordinal));

    private static string? NameIn(object request) => request is IMessage message && message.Descriptor.FindFieldByName("name") is { } field ? field.Accessor.GetValue(message) as string : null;
}
