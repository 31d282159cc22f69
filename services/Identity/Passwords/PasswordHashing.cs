using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Secrets;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Passwords;

/// <summary>
/// Hashes passwords as ASP.NET Core Identity does: PBKDF2 with HMAC-SHA-512, 128 bits of salt, as many rounds as are set. At a time no more than half of the
/// processors do, so that the other half serves the rest; of those who wait, no more than are served in a few seconds.
/// </summary>
internal sealed class PasswordHashing : IDisposable
{
    private const int QueueForEach = 16;
    private static readonly int AtOnce = Math.Max(1, Environment.ProcessorCount / 2);
    private readonly PasswordHasher<AccountRow> _hasher;
    private readonly ConcurrencyLimiter _turns = new(new() { PermitLimit = AtOnce, QueueLimit = AtOnce * QueueForEach });
    private readonly string _decoy;

    public PasswordHashing(IOptions<IdentityOptions> options)
    {
        _hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = options.Value.PasswordRounds }));
        _decoy = _hasher.HashPassword(null!, SecretText.Make());
    }

    public async Task<Result<string>> HashAsync(string password, CancellationToken cancellationToken)
    {
        using var turn = await _turns.AcquireAsync(1, cancellationToken);
        return turn.IsAcquired ? _hasher.HashPassword(null!, password) : Busy();
    }

    /// <summary>Holds a password against a hash; against none it takes as long and fails, so that nobody learns from the time who has one.</summary>
    public async Task<Result<PasswordVerificationResult>> VerifyAsync(string? hash, string password, CancellationToken cancellationToken)
    {
        using var turn = await _turns.AcquireAsync(1, cancellationToken);
        if (!turn.IsAcquired)
        {
            return Busy();
        }

        var outcome = _hasher.VerifyHashedPassword(null!, hash ?? _decoy, password);
        return hash is null ? PasswordVerificationResult.Failed : outcome;
    }

    public void Dispose() => _turns.Dispose();

    private static Error Busy() => Error.Unavailable("BUSY", "more people sign in than can be looked at: try again in a few seconds");
}
