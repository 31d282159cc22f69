using System.Diagnostics;
using OpenTelemetry;

namespace ModelGarden.Hosting.Telemetry;

/// <summary>Names the spans of requests by method and route, <c>POST /modelgarden.v1.Catalog/GetModel</c>, as ASP.NET Core 10 does not.</summary>
internal sealed class SpanNames : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        if (data.Kind is ActivityKind.Server && data.GetTagItem("http.request.method") is string method)
        {
            data.DisplayName = (data.GetTagItem("http.route") ?? data.GetTagItem("grpc.method")) is string route ? $"{method} {route}" : method;
        }
    }
}
