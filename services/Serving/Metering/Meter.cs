using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Serving.Forwarding;

namespace ModelGarden.Serving.Metering;

/// <summary>Counts one call: filled while its answer passes, turned into a record when it ends.</summary>
internal sealed class Meter(Call call, string operation)
{
    private readonly string _id = Guid.CreateVersion7().ToString("n");

    public long InputTokens { get; set; }

    public long OutputTokens { get; set; }

    /// <summary>ok, aborted or failed.</summary>
    public string Outcome { get; set; } = "failed";

    public UsageRecord ToRecord(DateTimeOffset now) => new()
    {
        Id = _id,
        Tenant = call.Endpoint.Tenant,
        Account = call.Caller.Principal.Name,
        Endpoint = call.Endpoint.Name,
        Repository = call.Endpoint.Repository,
        Revision = call.Endpoint.Revision,
        Operation = operation,
        InputTokens = InputTokens,
        OutputTokens = OutputTokens,
        Milliseconds = (long)(now - call.StartedAt).TotalMilliseconds,
        At = Timestamp.FromDateTimeOffset(now),
        Outcome = Outcome,
    };

    public void Count(ServingMetrics metrics)
    {
        metrics.Calls.Add(1, new("operation", operation), new("outcome", Outcome));
        metrics.InputTokens.Add(InputTokens);
        metrics.OutputTokens.Add(OutputTokens);
    }
}
