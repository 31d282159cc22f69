using Microsoft.EntityFrameworkCore;

namespace ModelGarden.Identity.Passwords;

/// <summary>
/// Beginning a session, setting a password and disabling an account take turns at the account's password row, and hold it to the end of their transactions: none overlooks what
/// another is just doing.
/// </summary>
internal static class PasswordTurn
{
    /// <summary>Takes the turn if the password is still the one of this hash; false: it is another one by now.</summary>
    public static async Task<bool> TakeAsync(IdentityDbContext context, string account, string hash, CancellationToken cancellationToken) =>
        await context.Passwords.Where(row => row.Account == account && row.Hash == hash).ExecuteUpdateAsync(row => row.SetProperty(one => one.Hash, hash), cancellationToken) is 1;

    /// <summary>Takes the turn, whatever the password is.</summary>
    public static Task TakeAsync(IdentityDbContext context, string account, CancellationToken cancellationToken) =>
        context.Passwords.Where(row => row.Account == account).ExecuteUpdateAsync(row => row.SetProperty(one => one.Hash, one => one.Hash), cancellationToken);

    public static Kernel.Error Changed() => Kernel.Error.Unauthenticated("PASSWORD_CHANGED", "the password was changed meanwhile: sign in with the new one");
}
