using Microsoft.Extensions.Options;
using ModelGarden.Hosting;

namespace ModelGarden.Entitlement;

/// <summary>What only Entitlement is told, in the section that all services share.</summary>
internal sealed class EntitlementOptions
{
    /// <summary>How long audit records are kept; zero: for ever.</summary>
    public TimeSpan AuditRetention { get; set; } = TimeSpan.Zero;
}

/// <summary>Says at start what is not set right, by the name to set it under.</summary>
internal sealed class EntitlementOptionsValidator : IValidateOptions<EntitlementOptions>
{
    private static readonly TimeSpan Shortest = TimeSpan.FromDays(30);

    public ValidateOptionsResult Validate(string? name, EntitlementOptions options) => options.AuditRetention == TimeSpan.Zero || options.AuditRetention >= Shortest
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail($"{GardenOptions.Section}:{nameof(EntitlementOptions.AuditRetention)} is {options.AuditRetention}: at least {Shortest} is expected, as days.hours:minutes:seconds, or 0 to keep audit records for ever (environment: Garden__{nameof(EntitlementOptions.AuditRetention)})");
}
