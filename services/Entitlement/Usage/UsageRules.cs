using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.Usage;

/// <summary>What a usage record must be to be taken over; a batch with one that is not is refused whole.</summary>
internal static class UsageRules
{
    public const int BatchLimit = 1000;
    private const long Most = 1L << 40;
    private static readonly string[] Operations = ["chat", "completion", "embedding", "inference"];
    private static readonly string[] Outcomes = ["ok", "aborted", "failed"];
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(10);

    public static Error? Refusal(IReadOnlyCollection<UsageRecord> records, DateTimeOffset now)
    {
        if (records.Count > BatchLimit)
        {
            return Error.Invalid("TOO_MANY_RECORDS", $"{records.Count} usage records in one report: at most {BatchLimit} are taken, send the rest in another");
        }

        foreach (var (i, record) in records.Index())
        {
            if ((Fault(record, now) ?? TextFault(record)) is { } fault)
            {
                return Error.Invalid("BAD_USAGE_RECORD", $"usage record {i} ('{Text.Shorten(record.Id)}'): {fault}");
            }
        }

        return null;
    }

    private static string? Fault(UsageRecord record, DateTimeOffset now) => record switch
    {
        _ when TenantName.Create(record.Tenant).Error is { } error => error.Message,
        _ when !Operations.Contains(record.Operation) => $"operation '{Text.Shorten(record.Operation)}' is none of {string.Join(", ", Operations)}",
        _ when !Outcomes.Contains(record.Outcome) => $"outcome '{Text.Shorten(record.Outcome)}' is none of {string.Join(", ", Outcomes)}",
        _ when record.InputTokens is < 0 or > Most || record.OutputTokens is < 0 or > Most || record.Milliseconds is < 0 or > Most => "a count is negative or beyond reason",
        { At: null or { Nanos: < 0 or > 999_999_999 } or { Seconds: < 0 } } => "at is absent or no time since 1970",
        _ when record.At.Seconds > (now + Ahead).ToUnixTimeSeconds() => $"at lies more than {Ahead.TotalMinutes} minutes ahead of this clock",
        _ => null,
    };

    private static string? TextFault(UsageRecord record) =>
        (Text.Refusal("id", record.Id, 1, 128) ?? Text.Refusal("account", record.Account, 0, 64) ?? Text.Refusal("endpoint", record.Endpoint, 0, 200)
            ?? Text.Refusal("repository", record.Repository, 0, 200) ?? Text.Refusal("revision", record.Revision, 0, 64))?.Message;
}
