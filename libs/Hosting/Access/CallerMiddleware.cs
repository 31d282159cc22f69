using System.Collections.Concurrent;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Http;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting.Access;

/// <summary>
/// Reads the internal token of every request, gRPC and HTTP alike. A wrong one ends the request; a missing one ends HTTP requests
/// (health and metrics apart), while gRPC methods leave it to their access rule. Runs after routing: what a request is told by the endpoint
/// that it will reach, not by what it says of itself.
/// </summary>
internal sealed class CallerMiddleware(RequestDelegate next, ISigningKeys keys, TimeProvider clock)
{
    private const string Bearer = "Bearer ";
    private const int CacheLimit = 10_000;
    private readonly ConcurrentDictionary<string, (Principal Principal, DateTimeOffset ExpiresAt)> _verified = new();

    public async Task InvokeAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            var caller = await ReadAsync(header[Bearer.Length..], context.RequestAborted);
            if (caller.Error is { } error)
            {
                await HttpErrors.WriteAsync(context, error);
                return;
            }

            context.Features.Set(caller.Value);
        }
        else if (context.GetEndpoint()?.Metadata is not { } metadata
            || (metadata.GetMetadata<GrpcMethodMetadata>() is null && metadata.GetMetadata<OpenEndpoint>() is null))
        {
            await HttpErrors.WriteAsync(context, Error.Unauthenticated("NO_INTERNAL_TOKEN", "this service is called through the gateway"));
            return;
        }

        await next(context);
    }

    private async ValueTask<Result<Caller>> ReadAsync(string token, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (_verified.TryGetValue(token, out var known) && known.ExpiresAt > now)
        {
            return new Caller(known.Principal, token);
        }

        if (InternalToken.KeyIdOf(token) is not { } keyId || await keys.FindAsync(keyId, cancellationToken) is not { } key)
        {
            return Error.Unauthenticated("BAD_INTERNAL_TOKEN", "the bearer token is not an internal token of this garden: call through the gateway");
        }

        var verified = InternalToken.Verify(token, key, now);
        if (verified.Error is { } error)
        {
            return error;
        }

        Remember(token, verified.Value, now);
        return new Caller(verified.Value.Principal, token);
    }

    private void Remember(string token, (Principal, DateTimeOffset) verified, DateTimeOffset now)
    {
        if (_verified.Count >= CacheLimit)
        {
            foreach (var (old, entry) in _verified)
            {
                if (entry.ExpiresAt <= now)
                {
                    _verified.TryRemove(old, out _);
                }
            }

            if (_verified.Count >= CacheLimit)
            {
                _verified.Clear();
            }
        }

        _verified[token] = verified;
    }
}

/// <summary>Marks an HTTP endpoint that answers without a token: health and metrics, on the inside.</summary>
internal sealed class OpenEndpoint
{
    public static readonly OpenEndpoint Mark = new();
}
