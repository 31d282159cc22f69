using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Entitlement.Usage;

/// <summary>A tenant's limits; 0: none.</summary>
internal sealed class QuotaRow
{
    public required string Tenant { get; init; }

    public required long TokensPerDay { get; init; }

    public required long RequestsPerDay { get; init; }
}

/// <summary>What a tenant has used on a day.</summary>
internal sealed class QuotaCounterRow
{
    public required string Tenant { get; init; }

    public required string Day { get; init; }

    public required long Tokens { get; init; }

    public required long Requests { get; init; }
}

/// <summary>A tenant's limits, and what it has used of them today.</summary>
internal sealed record QuotaState(long TokensPerDay, long RequestsPerDay, long TokensUsed, long RequestsUsed)
{
    public bool IsLimited => TokensPerDay > 0 || RequestsPerDay > 0;

    /// <summary>The limit that is used up, in words; null: none.</summary>
    public string? Exhausted => this switch
    {
        { RequestsPerDay: > 0 } when RequestsUsed >= RequestsPerDay => string.Create(CultureInfo.InvariantCulture, $"all {RequestsPerDay} requests"),
        { TokensPerDay: > 0 } when TokensUsed >= TokensPerDay => string.Create(CultureInfo.InvariantCulture, $"all {TokensPerDay} tokens"),
        _ => null,
    };

    public static async Task<QuotaState> ReadAsync(EntitlementDbContext context, string tenant, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var day = Usage.Day.Of(now);
        var quota = await context.Quotas.FirstOrDefaultAsync(row => row.Tenant == tenant, cancellationToken);
        var used = await context.QuotaCounters.FirstOrDefaultAsync(row => row.Tenant == tenant && row.Day == day, cancellationToken);
        return new(quota?.TokensPerDay ?? 0, quota?.RequestsPerDay ?? 0, used?.Tokens ?? 0, used?.Requests ?? 0);
    }

    public Quota ToMessage(string tenant) => new()
    {
        Tenant = tenant,
        TokensPerDay = TokensPerDay,
        RequestsPerDay = RequestsPerDay,
        TokensUsedToday = TokensUsed,
        RequestsUsedToday = RequestsUsed,
    };
}
