using Microsoft.Extensions.Options;

namespace ModelGarden.Hub;

/// <summary>Section <c>Garden:Hub</c>.</summary>
internal sealed class HubOptions
{
    public const string Section = "Garden:Hub";

    /// <summary>Of how many files it is remembered where they are; about a kilobyte each. 0: of none.</summary>
    public int RememberedFiles { get; set; } = 200_000;

    /// <summary>
    /// So long after the last word of Catalog's feed what was remembered is still answered, in milliseconds: a replica that is cut off without a word misses
    /// what was taken back for no longer. The feed is asked for four signs of life in that time.
    /// </summary>
    public int TrustedSilenceMilliseconds { get; set; } = 1_000;
}

internal sealed class HubOptionsValidator : IValidateOptions<HubOptions>
{
    private const int MaximumFiles = 10_000_000;
    private const int ShortestSilence = 400;
    private const int LongestSilence = 30_000;

    public ValidateOptionsResult Validate(string? name, HubOptions options) => Faults(options).ToList() is { Count: > 0 } faults
        ? ValidateOptionsResult.Fail(faults)
        : ValidateOptionsResult.Success;

    private static IEnumerable<string> Faults(HubOptions options)
    {
        if (options.RememberedFiles is < 0 or > MaximumFiles)
        {
            yield return $"Garden:Hub:RememberedFiles is {options.RememberedFiles}: 0 to {MaximumFiles} is expected";
        }

        if (options.TrustedSilenceMilliseconds is < ShortestSilence or > LongestSilence)
        {
            yield return $"Garden:Hub:TrustedSilenceMilliseconds is {options.TrustedSilenceMilliseconds}: {ShortestSilence} to {LongestSilence} is expected";
        }
    }
}
