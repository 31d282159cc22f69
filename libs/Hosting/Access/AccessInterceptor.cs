using System.Collections.Concurrent;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Core.Interceptors;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting.Access;

/// <summary>The access rules of the mapped RPCs, read from their protos.</summary>
public sealed class AccessRules
{
    private readonly ConcurrentDictionary<string, AccessRule> _rules = new(StringComparer.Ordinal);

    /// <summary>Takes over a service's rules. Throws for an RPC that declares none: who may call it must never be an accident.</summary>
    public void Add(ServiceDescriptor service)
    {
        foreach (var method in service.Methods)
        {
            var rule = method.GetOptions()?.GetExtension(AccessExtensions.Access);
            _rules[$"/{service.FullName}/{method.Name}"] = rule is { Audience: not Audience.Unspecified }
                ? rule
                : throw new InvalidOperationException($"{method.FullName} does not declare who may call it: add option (access) to its proto");
        }
    }

    /// <summary>Opens a standard infrastructure service (health, reflection) to services and to anyone without a token on the inside.</summary>
    public void AddOpen(string serviceName) => _rules[$"/{serviceName}/*"] = new AccessRule { Audience = Audience.Anyone };

    internal AccessRule? Find(string method) =>
        _rules.GetValueOrDefault(method) ?? _rules.GetValueOrDefault(string.Concat(method.AsSpan(0, method.LastIndexOf('/') + 1), "*"));
}

/// <summary>Holds every call against the rule of its RPC before the method runs.</summary>
internal sealed class AccessInterceptor(AccessRules rules) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Check(request, context);
        return continuation(request, context);
    }

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        // What it is about comes with its first message.
        return continuation(Check(context) is { } bound ? new BoundStream<TRequest>(requestStream, bound) : requestStream, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(request, context);
        return continuation(request, responseStream, context);
    }

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        return continuation(Check(context) is { } bound ? new BoundStream<TRequest>(requestStream, bound) : requestStream, responseStream, context);
    }

    private void Check<TRequest>(TRequest request, ServerCallContext context)
        where TRequest : class => Check(context)?.Hold(request);

    /// <summary>What the requests are still to be held against; null: nothing.</summary>
    private RepositoryBound? Check(ServerCallContext context)
    {
        var caller = context.GetHttpContext().Features.Get<Caller>();
        var rule = rules.Find(context.Method) ?? throw new ErrorException(Error.Denied("NO_RULE", $"{context.Method} declares no access rule"));
        if (Refusal(rule, caller) is { } refusal)
        {
            throw new ErrorException(refusal);
        }

        return rule.Audience is not Audience.Anyone && caller is { IsBound: true } ? new(caller, rule.Repository) : null;
    }

    private static Error? Refusal(AccessRule rule, Caller? caller) => (rule.Audience, caller) switch
    {
        (Audience.Anyone, _) => null,
        (_, null) => Error.Unauthenticated("NO_INTERNAL_TOKEN", "this service is called through the gateway, or by a service with its own token"),
        (_, { IsService: true }) => null,
        (Audience.Visitor, _) => null,
        (Audience.Member, { IsAnonymous: true }) => Error.Unauthenticated("SIGN_IN", "this needs a token: send 'Authorization: Bearer hf_garden_…'"),
        (Audience.Member, _) => MemberRefusal(rule, caller),
        _ => Error.Denied("SERVICES_ONLY", "only services of this garden may call this"),
    };

    private static Error? MemberRefusal(AccessRule rule, Caller caller)
    {
        if (rule.Scope.Length > 0 && !caller.HasScope(rule.Scope))
        {
            return Error.Denied("SCOPE_MISSING", $"the token lacks the scope '{rule.Scope}': make one that has it");
        }

        return rule.Roles.Count is 0 || caller.IsOperator || rule.Roles.Any(caller.HasRole)
            ? null
            : Error.Denied("ROLE_MISSING", $"{caller.Principal.Name} has none of the roles {string.Join(", ", rule.Roles)} in {caller.Principal.Tenant}: its admin can give one");
    }
}
