using System.Net;
using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using ModelGarden.Hosting.Tests.Otlp;

namespace ModelGarden.Hosting.Tests.Telemetry;

/// <summary>Takes what an exporter sends, as a collector would, over OTLP/HTTP or OTLP/gRPC.</summary>
internal sealed class OtlpSink : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<MetricsRequest> _metrics = Channel.CreateUnbounded<MetricsRequest>();
    private readonly Channel<TraceRequest> _traces = Channel.CreateUnbounded<TraceRequest>();

    private OtlpSink(HttpProtocols protocol)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocol));
        _app = builder.Build();
        _app.MapPost("/v1/metrics", context => TakeAsync(context, _metrics.Writer, MetricsRequest.Parser));
        _app.MapPost("/v1/traces", context => TakeAsync(context, _traces.Writer, TraceRequest.Parser));
        _app.MapPost("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", context => TakeGrpcAsync(context, _metrics.Writer, MetricsRequest.Parser));
        _app.MapPost("/opentelemetry.proto.collector.trace.v1.TraceService/Export", context => TakeGrpcAsync(context, _traces.Writer, TraceRequest.Parser));
    }

    public string Address => _app.Urls.Single();

    public ChannelReader<MetricsRequest> Metrics => _metrics.Reader;

    public ChannelReader<TraceRequest> Traces => _traces.Reader;

    public static async Task<OtlpSink> StartAsync(bool isGrpc)
    {
        var sink = new OtlpSink(isGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await sink._app.StartAsync(TestContext.Current.CancellationToken);
        return sink;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task TakeAsync<T>(HttpContext context, ChannelWriter<T> writer, MessageParser<T> parser)
        where T : IMessage<T>
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        await writer.WriteAsync(parser.ParseFrom(body.ToArray()), context.RequestAborted);
        context.Response.ContentType = "application/x-protobuf";
    }

    private static async Task TakeGrpcAsync<T>(HttpContext context, ChannelWriter<T> writer, MessageParser<T> parser)
        where T : IMessage<T>
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        // Five bytes of frame before the message, and before the empty one that answers it.
        await writer.WriteAsync(parser.ParseFrom(body.ToArray().AsSpan(5)), context.RequestAborted);
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(new byte[5], context.RequestAborted);
        context.Response.AppendTrailer("grpc-status", "0");
    }
}
