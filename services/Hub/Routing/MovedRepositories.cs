using Grpc.Core;
using Grpc.Core.Interceptors;

namespace ModelGarden.Hub.Routing;

/// <summary>Says that the repository in the path is called otherwise by now, and that the client is to ask there.</summary>
internal sealed class RepositoryMovedException(string name) : Exception($"the repository is called {name} now")
{
    /// <summary>What it is called now, <c>namespace/name</c>.</summary>
    public string Name { get; } = name;
}

/// <summary>
/// Looks at what Catalog says beside its answers: that it found a repository by a name that it had. A request that may be sent elsewhere is then broken
/// off by <see cref="RepositoryMovedException"/>; every other one is served under the old name as under the new.
/// </summary>
internal sealed class MovedRepositories(IHttpContextAccessor contexts) : Interceptor
{
    private const string Trailer = "garden-moved-to";
    private static readonly object Key = new();

    /// <summary>The request only reads, and its path names the repository: its client can be sent elsewhere.</summary>
    public static void Allow(HttpContext http) => http.Items[Key] = true;

    /// <summary>What a repository is called now that Catalog found by a name that it had; null: it found it by its name.</summary>
    public static string? NameIn(Metadata trailers) => trailers.GetValue(Trailer);

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(request, context);
        return contexts.HttpContext?.Items.ContainsKey(Key) is not true ? call
            : new(RespondAsync(call), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    private static async Task<TResponse> RespondAsync<TResponse>(AsyncUnaryCall<TResponse> call)
    {
        var response = await call.ResponseAsync;
        return NameIn(call.GetTrailers()) is { } name ? throw new RepositoryMovedException(name) : response;
    }
}
