using Microsoft.Extensions.Options;
using ModelGarden.Hosting;

namespace ModelGarden.Identity;

/// <summary>What only Identity is told, in the section that all services share.</summary>
internal sealed class IdentityOptions
{
    /// <summary>The credential of the account <c>root</c>, any text of at least 20 characters; empty: there is none.</summary>
    public string AdminToken { get; set; } = "";
}

/// <summary>Says at start what is not set right, by the name to set it under.</summary>
internal sealed class IdentityOptionsValidator : IValidateOptions<IdentityOptions>
{
    private const int Shortest = 20;
    private const int Longest = 512;

    public ValidateOptionsResult Validate(string? name, IdentityOptions options)
    {
        var token = options.AdminToken;
        if (token.Length is 0)
        {
            return ValidateOptionsResult.Success;
        }

        return token.Length is < Shortest or > Longest || token.Any(c => char.IsWhiteSpace(c) || !char.IsAscii(c) || char.IsControl(c))
            ? ValidateOptionsResult.Fail(
                $"{GardenOptions.Section}:{nameof(IdentityOptions.AdminToken)} has {token.Length} characters: set {Shortest} to {Longest} random ASCII characters without spaces, or leave it empty for no such credential (environment: Garden__AdminToken)")
            : ValidateOptionsResult.Success;
    }
}
