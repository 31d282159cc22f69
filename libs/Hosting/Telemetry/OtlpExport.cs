using System.Runtime.CompilerServices;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ModelGarden.Hosting.Telemetry;

/// <summary>
/// Sends metrics and traces to the collector that <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names, as the other <c>OTEL_…</c> variables say. One
/// pair of providers a process; where no collector is named, nothing of OpenTelemetry is even loaded.
/// </summary>
internal static class OtlpExport
{
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const int PatienceMilliseconds = 3000;
    private static readonly Lock Gate = new();
    private static Providers? _providers;

    private static readonly string[] Meters = ["ModelGarden.*", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime"];
    private static readonly string[] Sources = ["ModelGarden.*", "Microsoft.AspNetCore", "System.Net.Http", "Grpc.Net.Client", "Grpc.AspNetCore.Server"];

    /// <summary>Starts the export once a process, under the first name given; <c>OTEL_SERVICE_NAME</c> comes before it.</summary>
    public static void Start(string name)
    {
        if (Environment.GetEnvironmentVariable(Endpoint) is not { Length: > 0 })
        {
            return;
        }

        lock (Gate)
        {
            _providers ??= Create(name);
        }
    }

    /// <summary>Why the collector's address is none; null: it is one, or there is none.</summary>
    public static string? Fault() => Environment.GetEnvironmentVariable(Endpoint) switch
    {
        null or "" => null,
        var text when Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" => null,
        var text => $"{Endpoint} is '{Kernel.Text.Shorten(text)}': the address of an OpenTelemetry collector is expected, such as http://collector:4317, or nothing at all",
    };

    // Not inlined: the runtime loads OpenTelemetry's assemblies when it compiles this method, not before.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Providers Create(string name)
    {
        // ASP.NET Core 10 names its spans and tags them by OpenTelemetry's conventions only when asked to, before a host is built.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        var resource = ResourceBuilder.CreateDefault().AddService(Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME") is { Length: > 0 } named ? named : name);
        var created = new Providers(
            Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Meters).AddOtlpExporter().Build(),
            Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Sources).AddProcessor(new SpanNames()).AddOtlpExporter().Build());
        AppDomain.CurrentDomain.ProcessExit += (_, _) => created.Stop();
        return created;
    }

    private sealed record Providers(MeterProvider Metrics, TracerProvider Traces)
    {
        /// <summary>Sends what is still here; a collector that is gone holds the end up for no longer than this.</summary>
        public void Stop()
        {
            Metrics.Shutdown(PatienceMilliseconds);
            Traces.Shutdown(PatienceMilliseconds);
        }
    }
}
