using Microsoft.Extensions.Options;

namespace ModelGarden.Hub;

/// <summary>Section <c>Garden:Hub</c>.</summary>
internal sealed class HubOptions
{
    public const string Section = "Garden:Hub";

    /// <summary>Of how many files it is remembered where they are, and who may have them; about a kilobyte each. 0: of none.</summary>
    public int RememberedFiles { get; set; } = 200_000;
}

internal sealed class HubOptionsValidator : IValidateOptions<HubOptions>
{
    private const int Maximum = 10_000_000;

    public ValidateOptionsResult Validate(string? name, HubOptions options) => options.RememberedFiles is >= 0 and <= Maximum
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail($"Garden:Hub:RememberedFiles is {options.RememberedFiles}: 0 to {Maximum} is expected");
}
