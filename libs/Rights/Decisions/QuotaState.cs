using System.Globalization;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Rights.Decisions;

/// <summary>A tenant's limits, and what it has used of them today.</summary>
public sealed record QuotaState(long TokensPerDay, long RequestsPerDay, long TokensUsed, long RequestsUsed)
{
    public bool IsLimited => TokensPerDay > 0 || RequestsPerDay > 0;

    /// <summary>The limit that is used up, in words; null: none.</summary>
    public string? Exhausted => this switch
    {
        { RequestsPerDay: > 0 } when RequestsUsed >= RequestsPerDay => string.Create(CultureInfo.InvariantCulture, $"all {RequestsPerDay} requests"),
        { TokensPerDay: > 0 } when TokensUsed >= TokensPerDay => string.Create(CultureInfo.InvariantCulture, $"all {TokensPerDay} tokens"),
        _ => null,
    };

    public Quota ToMessage(string tenant) => new()
    {
        Tenant = tenant,
        TokensPerDay = TokensPerDay,
        RequestsPerDay = RequestsPerDay,
        TokensUsedToday = TokensUsed,
        RequestsUsedToday = RequestsUsed,
    };
}
