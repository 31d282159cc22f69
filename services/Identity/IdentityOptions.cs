using Microsoft.Extensions.Options;
using ModelGarden.Hosting;

namespace ModelGarden.Identity;

/// <summary>What only Identity is told, in the section that all services share.</summary>
internal sealed class IdentityOptions
{
    /// <summary>The credential of the account <c>root</c>, any text of at least 20 characters; empty: there is none.</summary>
    public string AdminToken { get; set; } = "";

    /// <summary>The cost of a password's hash: rounds of PBKDF2. A password that was hashed with fewer is hashed anew when its owner signs in.</summary>
    public int PasswordRounds { get; set; } = 210_000;

    /// <summary>A session that was not used for so long has ended.</summary>
    public TimeSpan SessionIdle { get; set; } = TimeSpan.FromHours(12);

    /// <summary>A session ends after so long, used or not.</summary>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromDays(7);
}

/// <summary>Says at start what is not set right, by the name to set it under.</summary>
internal sealed class IdentityOptionsValidator : IValidateOptions<IdentityOptions>
{
    private const int Shortest = 20;
    private const int Longest = 512;

    // ASP.NET Core Identity's own.
    private const int FewestRounds = 100_000;
    private const int MostRounds = 10_000_000;
    private static readonly TimeSpan ShortestSession = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestSession = TimeSpan.FromDays(30);

    public ValidateOptionsResult Validate(string? name, IdentityOptions options)
    {
        var faults = Faults(options).ToList();
        return faults.Count is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(IdentityOptions options)
    {
        var token = options.AdminToken;
        if (token.Length > 0 && (token.Length is < Shortest or > Longest || token.Any(c => char.IsWhiteSpace(c) || !char.IsAscii(c) || char.IsControl(c))))
        {
            yield return $"{GardenOptions.Section}:{nameof(IdentityOptions.AdminToken)} has {token.Length} characters: set {Shortest} to {Longest} random ASCII characters without spaces, or leave it empty for no such credential (environment: Garden__AdminToken)";
        }

        if (options.PasswordRounds is < FewestRounds or > MostRounds)
        {
            yield return $"{GardenOptions.Section}:{nameof(IdentityOptions.PasswordRounds)} is {options.PasswordRounds}: {FewestRounds} to {MostRounds} are expected (environment: Garden__PasswordRounds)";
        }

        foreach (var (setting, time) in new[] { (nameof(IdentityOptions.SessionIdle), options.SessionIdle), (nameof(IdentityOptions.SessionLifetime), options.SessionLifetime) })
        {
            if (time < ShortestSession || time > LongestSession)
            {
                yield return $"{GardenOptions.Section}:{setting} is {time}: {ShortestSession} to {LongestSession} are expected, as days.hours:minutes:seconds (environment: Garden__{setting})";
            }
        }
    }
}
