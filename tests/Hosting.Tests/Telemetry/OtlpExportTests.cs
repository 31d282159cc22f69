using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Net.Client;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Tests.Otlp;
using ModelGarden.Testing;

namespace ModelGarden.Hosting.Tests.Telemetry;

/// <summary>What a service, in a process of its own, sends to a collector.</summary>
public sealed class OtlpExportTests : IDisposable
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private readonly string _folder = Directory.CreateTempSubdirectory("garden-").FullName;

    private static CancellationToken Cancel => Patience.Cancel;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("http/protobuf")]
    [InlineData("grpc")]
    public async Task Service_WithACollector_SendsMetricsAndTraces(string protocol)
    {
        await using var sink = await OtlpSink.StartAsync(protocol is "grpc");
        await using var victim = VictimProcess.Start(Settings(sink.Address, protocol));
        await victim.SaysAsync("identity is ready");
        await CallAsync();
        victim.Terminate();
        Assert.Equal(0, (await victim.EndAsync()).Code);

        var metrics = Drain(sink.Metrics).SelectMany(request => request.ResourceMetrics).ToList();
        Assert.All(metrics, resource => Assert.Equal("garden-identity", NameOf(resource.Resource)));
        var scopes = metrics.SelectMany(resource => resource.ScopeMetrics).ToLookup(scope => scope.Scope.Name, scope => scope.Metrics.Select(metric => metric.Name));
        Assert.Contains("http.server.request.duration", scopes["Microsoft.AspNetCore.Hosting"].SelectMany(names => names));
        Assert.Contains("dotnet.gc.collections", scopes["System.Runtime"].SelectMany(names => names));

        var traces = Drain(sink.Traces).SelectMany(request => request.ResourceSpans).ToList();
        Assert.All(traces, resource => Assert.Equal("garden-identity", NameOf(resource.Resource)));
        var span = Assert.Single(traces.SelectMany(resource => resource.ScopeSpans).SelectMany(scope => scope.Spans), span => Hex(span.TraceId) == Trace);
        Assert.Equal("b7ad6b7169203331", Hex(span.ParentSpanId));
        Assert.Contains("/modelgarden.v1.Identity/ListSigningKeys", span.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Service_WhoseCollectorIsGone_WorksAndStopsAllTheSame()
    {
        await using var victim = VictimProcess.Start(Settings("http://127.0.0.1:9", "http/protobuf"));
        await victim.SaysAsync("identity is ready");
        await CallAsync();
        victim.Terminate();

        Assert.Equal(0, (await victim.EndAsync()).Code);
    }

    [Fact]
    public async Task Service_WithACollectorThatIsNoAddress_SaysSo()
    {
        await using var victim = VictimProcess.Start(Settings("collector:4317", "grpc"));

        var (code, errors) = await victim.EndAsync();

        Assert.Equal(1, code);
        Assert.StartsWith("identity: OTEL_EXPORTER_OTLP_ENDPOINT is 'collector:4317'", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garden_WithoutACollector_LoadsNothingOfOpenTelemetry()
    {
        await using var garden = await TestGarden.StartAsync(new Probe().Search());

        Assert.DoesNotContain(AppDomain.CurrentDomain.GetAssemblies(), assembly => assembly.GetName().Name!.StartsWith("OpenTelemetry", StringComparison.Ordinal));
    }

    private Dictionary<string, string> Settings(string endpoint, string protocol) => new()
    {
        ["Garden__Data"] = _folder,
        ["Garden__ServiceSecret"] = "a secret of tests, long enough for all",
        ["Garden__Services__identity__Grpc"] = $"unix:{_folder}/identity.sock",
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol,
    };

    private async Task CallAsync()
    {
        var address = ServiceAddress.Create($"unix:{_folder}/identity.sock").OrThrow();
        using var channel = GrpcChannel.ForAddress(address.Uri, new() { HttpHandler = address.CreateHandler(), DisposeHttpClient = true });
        await new Identity.IdentityClient(channel).ListSigningKeysAsync(new(), new() { { "traceparent", $"00-{Trace}-b7ad6b7169203331-01" } }, cancellationToken: Cancel);
    }

    private static List<T> Drain<T>(ChannelReader<T> reader)
    {
        var all = new List<T>();
        while (reader.TryRead(out var one))
        {
            all.Add(one);
        }

        return all;
    }

    private static string NameOf(Otlp.Resource resource) => resource.Attributes.Single(attribute => attribute.Key is "service.name").Value.StringValue;

    private static string Hex(ByteString bytes) => Convert.ToHexStringLower(bytes.Span);
}
