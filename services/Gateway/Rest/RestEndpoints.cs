using Google.Protobuf;
using Grpc.Core;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Calls;
using ModelGarden.Hosting.Errors;

namespace ModelGarden.Gateway.Rest;

/// <summary>
/// Our own REST, <c>/garden/v1/…</c>: every annotated RPC of the public services, in protobuf's JSON. Streams answer one JSON object a
/// line; one that breaks ends with a line that has <c>error</c>.
/// </summary>
internal static class RestEndpoints
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(value => value, value => value);
    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    extension(IEndpointRouteBuilder routes)
    {
        public void MapRest()
        {
            foreach (var route in RestRoutes.All)
            {
                routes.MapMethods(route.Pattern, [route.Verb], context => HandleAsync(context, route));
            }

            routes.MapGet("/garden/v1/openapi.json", context =>
            {
                context.Response.ContentType = "application/json; charset=utf-8";
                return context.Response.WriteAsync(OpenApi.Text, context.RequestAborted);
            });
            routes.Map("/garden/v1/{**rest}", context => HttpErrors.WriteAsync(
                context, Kernel.Error.NotFound("NO_SUCH_PATH", $"{context.Request.Method} {Kernel.Text.Shorten(context.Request.Path)} is not part of this API: see /garden/v1/openapi.json")));
        }
    }

    private static async Task HandleAsync(HttpContext context, RestRoute route)
    {
        var request = await RestRequest.ReadAsync(context, route);
        var caller = context.GetCaller();
        var invoker = context.RequestServices.GetRequiredService<Peers>().As(route.Service, caller);
        context.Response.ContentType = "application/json; charset=utf-8";
        // Some answers have secrets in them, all are of this moment.
        context.Response.Headers.CacheControl = "no-store";
        if (route.Method.IsServerStreaming)
        {
            await StreamAsync(context, route, invoker, request.ToByteArray());
        }
        else
        {
            var answer = await invoker.AsyncUnaryCall(MethodOf(route, MethodType.Unary), null, Options(context), request.ToByteArray());
            await context.Response.WriteAsync(ToJson(route, answer), context.RequestAborted);
        }
    }

    private static async Task StreamAsync(HttpContext context, RestRoute route, CallInvoker invoker, byte[] request)
    {
        using var call = invoker.AsyncServerStreamingCall(MethodOf(route, MethodType.ServerStreaming), null, Options(context), request);
        try
        {
            context.Response.ContentType = "application/x-ndjson";
            while (await call.ResponseStream.MoveNext(context.RequestAborted))
            {
                await context.Response.WriteAsync(ToJson(route, call.ResponseStream.Current) + "\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested && exception is RpcException or OperationCanceledException)
        {
            // The caller has left: nobody to tell.
            context.Abort();
        }
        catch (RpcException exception)
        {
            await BreakAsync(context, exception.ToError(route.Service));
        }
    }

    private static async Task BreakAsync(HttpContext context, Kernel.Error error)
    {
        if (!context.Response.HasStarted)
        {
            await HttpErrors.WriteAsync(context, error);
            return;
        }

        await context.Response.WriteAsync(System.Text.Json.JsonSerializer.Serialize(new ErrorBody(new(error.Reason, error.Message)), System.Text.Json.JsonSerializerOptions.Web) + "\n");
    }

    private static Method<byte[], byte[]> MethodOf(RestRoute route, MethodType type) =>
        new(type, route.Method.Service.FullName, route.Method.Name, Bytes, Bytes);

    private static CallOptions Options(HttpContext context) => new(cancellationToken: context.RequestAborted);

    private static string ToJson(RestRoute route, byte[] answer) => Json.Format(route.Method.OutputType.Parser.ParseFrom(answer));
}
