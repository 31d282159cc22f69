using System.Diagnostics.Metrics;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Artifacts;

/// <summary>Meter <c>ModelGarden.Artifacts</c>.</summary>
internal sealed class ArtifactsMetrics : IDisposable
{
    private readonly Meter _meter = new("ModelGarden.Artifacts");
    private readonly Counter<long> _received;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _uploads;
    private readonly Counter<long> _files;
    private readonly Counter<long> _verdicts;
    private readonly Counter<long> _damaged;
    private readonly Counter<long> _collected;
    private readonly Counter<long> _conversions;
    private readonly Counter<long> _quota;

    public ArtifactsMetrics()
    {
        _received = _meter.CreateCounter<long>("artifacts.bytes.received", "By", "bytes of files and parts that came whole");
        _sent = _meter.CreateCounter<long>("artifacts.bytes.sent", "By", "bytes of files sent whole or in ranges");
        _uploads = _meter.CreateCounter<long>("artifacts.uploads", "{upload}", "uploads completed");
        _files = _meter.CreateCounter<long>("artifacts.files", "{file}", "files stored that were not there before");
        _verdicts = _meter.CreateCounter<long>("artifacts.verdicts", "{examination}", "examinations by their verdict");
        _collected = _meter.CreateCounter<long>("artifacts.bytes.collected", "By", "stored bytes that nobody needed and that were given up");
        _quota = _meter.CreateCounter<long>("artifacts.quota.refusals", "{refusal}", "uploads refused because their tenant would have too much, by reason");
        _damaged = _meter.CreateCounter<long>("artifacts.chunks.damaged", "{chunk}", "chunks that were found damaged when they were read");
        _conversions = _meter.CreateCounter<long>("artifacts.conversions", "{conversion}", "torch checkpoints that were converted to safetensors, or could not be");
    }

    public void Received(long bytes) => _received.Add(bytes);

    public void Sent(long bytes) => _sent.Add(bytes);

    public void Uploaded(bool isNew)
    {
        _uploads.Add(1);
        _files.Add(isNew ? 1 : 0);
    }

    public void Examined(Verdict verdict) => _verdicts.Add(1, new KeyValuePair<string, object?>("verdict", verdict.ToString().ToLowerInvariant()));

    public void Collected(long bytes) => _collected.Add(bytes);

    public void Converted(ConversionState state) => _conversions.Add(1, new KeyValuePair<string, object?>("state", state.ToString().ToLowerInvariant()));

    public void RefusedForQuota(string reason) => _quota.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void FoundDamaged() => _damaged.Add(1);

    public void Dispose() => _meter.Dispose();
}
