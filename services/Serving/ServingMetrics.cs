using System.Diagnostics.Metrics;

namespace ModelGarden.Serving;

/// <summary>What an operator watches of the serving path.</summary>
internal sealed class ServingMetrics : IDisposable
{
    private readonly Meter _meter = new("ModelGarden.Serving");

    public ServingMetrics()
    {
        Calls = _meter.CreateCounter<long>("garden_serving_calls", "{call}", "Calls by operation and outcome");
        InputTokens = _meter.CreateCounter<long>("garden_serving_input_tokens", "{token}", "Tokens read");
        OutputTokens = _meter.CreateCounter<long>("garden_serving_output_tokens", "{token}", "Tokens written");
        Waiting = _meter.CreateUpDownCounter<long>("garden_serving_waiting", "{call}", "Calls held until a replica is ready");
    }

    public Counter<long> Calls { get; }

    public Counter<long> InputTokens { get; }

    public Counter<long> OutputTokens { get; }

    public UpDownCounter<long> Waiting { get; }

    public void Dispose() => _meter.Dispose();
}
