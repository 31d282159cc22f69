using System.ComponentModel.DataAnnotations;

namespace ModelGarden.Rights.Local;

/// <summary>Section <c>Garden:Rights</c>: how long what is known of Entitlement's rules is gone by in the services that ask.</summary>
internal sealed class RightsOptions
{
    public const string Section = "Garden:Rights";

    /// <summary>
    /// So long after the last word of Entitlement's feed decisions are made without asking it, in milliseconds: a replica that is cut off misses what was taken back for no longer. The feed is asked for four signs
    /// of life in that time.
    /// </summary>
    [Range(400, 30_000)]
    public int TrustedSilenceMilliseconds { get; set; } = 1_000;
}
