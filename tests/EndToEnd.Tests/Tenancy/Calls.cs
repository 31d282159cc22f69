using System.Text;
using System.Text.Json.Nodes;
using Google.Api;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using ModelGarden.Testing;

namespace ModelGarden.EndToEnd.Tests.Tenancy;

/// <summary>Calls of RPCs that are known by their descriptors alone: by gRPC, and as our own REST has them.</summary>
internal static class Calls
{
    // Of streams that go on for ever the beginning tells enough.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancel => Patience.Cancel;

    public static async Task<Answer> CallAsync(CallInvoker invoker, MethodDescriptor method, string arguments)
    {
        var request = JsonParser.Default.Parse(arguments, method.InputType);
        var options = new CallOptions(deadline: DateTime.UtcNow + Longest, cancellationToken: Cancel);
        try
        {
            return method switch
            {
                { IsClientStreaming: true } => await SendAsync(invoker, method, request, options),
                { IsServerStreaming: true } => await ReadAsync(invoker, method, request, options),
                _ => Answer.Of([await invoker.AsyncUnaryCall(Describe(method, MethodType.Unary), null, options, request)]),
            };
        }
        catch (RpcException exception)
        {
            return Answer.Of(exception, method.Service.Name);
        }
    }

    /// <summary>Each way that our own REST has to an RPC: verb, target and body; none: it is not part of it, or its arguments cannot be said there.</summary>
    public static IEnumerable<(string Verb, string Target, string Body)> RestOf(MethodDescriptor method, string arguments)
    {
        if (method.GetOptions()?.GetExtension(HttpExtensions.Http) is not { } rule)
        {
            yield break;
        }

        foreach (var binding in rule.AdditionalBindings.Prepend(rule))
        {
            var (verb, path) = PatternOf(binding);
            var fields = JsonNode.Parse(arguments)!.AsObject();
            foreach (var name in fields.Select(field => field.Key).ToList())
            {
                var filled = System.Text.RegularExpressions.Regex.Replace(path, $"{{{Snake(name)}(=[^}}]*)?}}", _ => (string)fields[name]!);
                if (filled != path)
                {
                    path = filled;
                    fields.Remove(name);
                }
            }

            yield return binding.Body.Length > 0 ? (verb, path, fields.ToJsonString()) : (verb, path + Query(fields), "");
        }
    }

    /// <summary>Verb and path as an annotation says them.</summary>
    public static (string Verb, string Path) PatternOf(HttpRule rule) => rule.PatternCase switch
    {
        HttpRule.PatternOneofCase.Get => ("GET", rule.Get),
        HttpRule.PatternOneofCase.Put => ("PUT", rule.Put),
        HttpRule.PatternOneofCase.Post => ("POST", rule.Post),
        HttpRule.PatternOneofCase.Delete => ("DELETE", rule.Delete),
        _ => ("PATCH", rule.Patch),
    };

    private static async Task<Answer> ReadAsync(CallInvoker invoker, MethodDescriptor method, IMessage request, CallOptions options)
    {
        using var call = invoker.AsyncServerStreamingCall(Describe(method, MethodType.ServerStreaming), null, options, request);
        var read = new List<IMessage>();
        while (await call.ResponseStream.MoveNext(Cancel))
        {
            read.Add(call.ResponseStream.Current);
        }

        return Answer.Of(read);
    }

    private static async Task<Answer> SendAsync(CallInvoker invoker, MethodDescriptor method, IMessage request, CallOptions options)
    {
        using var call = invoker.AsyncClientStreamingCall(Describe(method, MethodType.ClientStreaming), null, options);
        try
        {
            await call.RequestStream.WriteAsync(request, Cancel);
            await call.RequestStream.CompleteAsync();
        }
        catch (Exception exception) when (exception is RpcException or InvalidOperationException)
        {
            // Refused before all was sent: the answer says why.
        }

        return Answer.Of([await call.ResponseAsync]);
    }

    private static Method<IMessage, IMessage> Describe(MethodDescriptor method, MethodType type) => new(
        type, method.Service.FullName, method.Name, Marshallers.Create<IMessage>(message => message.ToByteArray(), _ => throw new NotSupportedException()),
        Marshallers.Create<IMessage>(_ => throw new NotSupportedException(), bytes => method.OutputType.Parser.ParseFrom(bytes)));

    private static string Query(JsonObject fields)
    {
        var pairs = fields.SelectMany(field => (field.Value as JsonArray ?? [field.Value?.DeepClone()]).Select(value => $"{field.Key}={Uri.EscapeDataString(value is JsonObject ? "{}" : $"{value}")}"));
        return fields.Count is 0 ? "" : $"?{string.Join('&', pairs)}";
    }

    private static string Snake(string name) => string.Concat(name.Select(c => char.IsUpper(c) ? $"_{char.ToLowerInvariant(c)}" : $"{c}"));
}
