using System.Text;
using ModelGarden.Identity.Accounts;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Passwords;

/// <summary>
/// Which passwords are taken, after NIST SP 800-63B-4, section 3.1.1.2: long enough, not one of those that are tried first, nothing asked of their make-up. Characters are
/// code points.
/// </summary>
internal static class PasswordRule
{
    public const int Shortest = 12;
    public const int Longest = 128;

    /// <summary>Why this one is not taken; null: it is.</summary>
    /// <param name="password">As it was typed; it is hashed as it is.</param>
    /// <param name="own">What others know of the person: account name, display name, e-mail address, tenant.</param>
    public static Error? Refusal(string password, params IReadOnlyList<string> own)
    {
        var length = password.EnumerateRunes().Count();
        return true switch
        {
            _ when password.Length > Longest * 2 || length is < Shortest or > Longest => Error.Invalid("BAD_PASSWORD", $"a password has {Shortest} to {Longest} characters, this one {length}: a few words in a row make a good one"),
            _ when password.EnumerateRunes().Any(rune => Rune.IsControl(rune) || rune == Rune.ReplacementChar) => Error.Invalid("BAD_PASSWORD", "the password has a control character, which not every keyboard can type again"),
            _ when CommonPasswords.Contains(password, own.SelectMany(Words)) => Error.Invalid("COMMON_PASSWORD", "this password is one of those that are tried first: a common one, your own name, or one thing over and over; choose another"),
            _ => null,
        };
    }

    public static Error? Refusal(string password, AccountRow account) => Refusal(password, account.Name, account.DisplayName, account.Email, account.Tenant);

    private static IEnumerable<string> Words(string text) => text.Split([' ', '@', '.', '-', '_'], StringSplitOptions.RemoveEmptyEntries).Append(text);
}
