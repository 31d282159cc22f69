using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Secrets;
using ModelGarden.Identity.Sessions;
using ModelGarden.Identity.SignIn;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.OAuth;

/// <summary>A device's request as it is given to the device, once.</summary>
/// <param name="DeviceCode">By which it asks for its token.</param>
/// <param name="UserCode">What its person types.</param>
internal sealed record DeviceStart(string DeviceCode, string UserCode);

/// <summary>Devices that ask to be let in, and the people who let them (RFC 8628).</summary>
internal sealed partial class DeviceBook(
    IDbContextFactory<IdentityDbContext> contexts, ClientBook clients, GrantBook grants, TryCounter tries, DeviceGate gate, TimeProvider clock, ILogger<DeviceBook> logger)
{
    public const int PauseSeconds = 5;

    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    // Consonants without Y: no words, and nothing to mistake for another (RFC 8628, section 6.1). 20^8 are 34 bits.
    private const string Letters = "BCDFGHJKLMNPQRSTVWXZ";
    private const int Length = 8;

    // Of the whole garden at once: strangers make them.
    private const int MostWaiting = 10_000;

    // Of one network: it keeps nobody else out.
    private const int MostOfANetwork = 100;

    public async Task<Result<DeviceStart>> BeginAsync(ClientRow client, string scope, Client device, CancellationToken cancellationToken)
    {
        if (!client.May(OAuthGrants.DeviceCode))
        {
            return OAuthErrors.Unauthorized("device codes");
        }

        var scopes = OAuthScopes.Of(scope, client.ScopeList);
        if ((scopes.Error ?? gate.Take(device.Address)) is { } refusal)
        {
            return refusal;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var (now, network) = (clock.GetStoredNow(), AddressNetwork.Of(device.Address));
        var waiting = context.DeviceCodes.Where(row => row.ExpiresAt > now && row.Answer == DeviceAnswer.None);
        if (await waiting.CountAsync(row => row.Network == network, cancellationToken) >= MostOfANetwork)
        {
            return Error.Exhausted("TOO_MANY_DEVICES", $"{MostOfANetwork} devices of your network wait to be let in, the most there may be: let them in, or try again in {Lifetime.TotalMinutes:0} minutes");
        }

        if (await waiting.CountAsync(cancellationToken) >= MostWaiting)
        {
            return Error.Exhausted("TOO_MANY_DEVICES", "too many devices wait to be let in: try again in some minutes");
        }

        var start = new DeviceStart(SecretText.Make(), MakeUserCode());
        context.Add(new DeviceCodeRow
        {
            Hash = SecretText.HashOf(start.DeviceCode),
            UserCodeHash = SecretText.HashOf(Bare(start.UserCode)),
            Client = client.Id,
            Scopes = string.Join(' ', scopes.Value),
            Address = device.Address,
            Network = network,
            Agent = device.Agent,
            CreatedAt = now,
            ExpiresAt = now + Lifetime,
            PauseSeconds = PauseSeconds,
            Answer = DeviceAnswer.None,
            GrantId = "",
        });
        await context.SaveChangesAsync(cancellationToken);
        return start;
    }

    /// <summary>What waits for a code that someone signed in has typed. Wrong ones are counted against him, as wrong passwords are.</summary>
    public Task<Result<(DeviceCodeRow Device, ClientRow Client)>> FindAsync(AccountRow account, string typed, CancellationToken cancellationToken) => tries.TryAsync(
        $"device/{account.Key}",
        async () => await LookAsync(account, SecretText.HashOf(Bare(typed)), cancellationToken),
        cancellationToken);

    /// <summary>The person's word.</summary>
    public async Task<Result<ClientRow>> AnswerAsync(SignedIn who, string typed, bool isAllowed, CancellationToken cancellationToken)
    {
        var found = await FindAsync(who.Account, typed, cancellationToken);
        if (found.Error is not null)
        {
            return found.Error;
        }

        var (device, client) = found.Value;
        var answered = await contexts.DecideAsync<IdentityDbContext, ClientRow>(
            async context =>
            {
                var grant = isAllowed ? await grants.BeginAsync(context, who, (client, device.Scopes.Split(' '), device.ExpiresAt), cancellationToken) : null;
                if (grant?.Error is { } refusal)
                {
                    return refusal;
                }

                var (answer, grantId) = (isAllowed ? DeviceAnswer.Allowed : DeviceAnswer.Denied, grant?.Value.Id ?? "");
                if (await context.DeviceCodes.Where(row => row.Hash == device.Hash && row.Answer == DeviceAnswer.None)
                    .ExecuteUpdateAsync(row => row.SetProperty(one => one.Answer, answer).SetProperty(one => one.GrantId, grantId), cancellationToken) is 0)
                {
                    return WrongCode();
                }

                await context.SaveChangesAsync(cancellationToken);
                return client;
            },
            cancellationToken);
        if (answered.Error is null)
        {
            LogAnswered(who.Account.Name, isAllowed ? "allowed" : "denied", client.Id, device.Address);
        }

        return answered;
    }

    /// <summary>The device asks for its token.</summary>
    public async Task<Result<TakenGrant>> PollAsync(ClientRow client, string deviceCode, CancellationToken cancellationToken)
    {
        var (hash, now) = (SecretText.HashOf(deviceCode), clock.GetStoredNow());
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var device = await context.DeviceCodes.FirstOrDefaultAsync(row => row.Hash == hash && row.Client == client.Id, cancellationToken);
        return device switch
        {
            null or { Answer: DeviceAnswer.Taken } => OAuthErrors.Grant("this device code was not given to this client, or was used already"),
            _ when device.ExpiresAt <= now => OAuthErrors.Of("expired_token", "nobody typed the code in time: begin anew"),
            { Answer: DeviceAnswer.Denied } => OAuthErrors.Of("access_denied", "the person said no"),
            { Answer: DeviceAnswer.Allowed } => await grants.TakeDeviceAsync(client, hash, device.GrantId, cancellationToken),
            _ => await PauseAsync(context, device, now, cancellationToken),
        };
    }

    private static async Task<Error> PauseAsync(IdentityDbContext context, DeviceCodeRow device, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var isTooSoon = device.PolledAt + TimeSpan.FromSeconds(device.PauseSeconds) > now;
        var (pause, at) = (device.PauseSeconds + (isTooSoon ? PauseSeconds : 0), (DateTimeOffset?)now);
        await context.DeviceCodes.Where(row => row.Hash == device.Hash).ExecuteUpdateAsync(row => row.SetProperty(one => one.PolledAt, at).SetProperty(one => one.PauseSeconds, pause), cancellationToken);
        return isTooSoon
            ? OAuthErrors.Of("slow_down", $"wait {pause} seconds between questions")
            : OAuthErrors.Of("authorization_pending", "the person has not answered yet");
    }

    private async Task<Result<(DeviceCodeRow Device, ClientRow Client)>> LookAsync(AccountRow account, string hash, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var device = await context.DeviceCodes.FirstOrDefaultAsync(row => row.UserCodeHash == hash && row.Answer == DeviceAnswer.None && row.ExpiresAt > now, cancellationToken);
        return device is not null && await clients.FindAsync(device.Client, cancellationToken) is { } client && client.IsFor(account) ? (device, client) : WrongCode();
    }

    private static string MakeUserCode()
    {
        var letters = RandomNumberGenerator.GetString(Letters, Length);
        return $"{letters[..(Length / 2)]}-{letters[(Length / 2)..]}";
    }

    /// <summary>However it was typed.</summary>
    private static string Bare(string typed) => string.Concat(typed.Take(64).Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();

    private static Error WrongCode() => Error.Unauthenticated("WRONG_CODE", "no device waits for this code: look at it again, or begin anew on the device");

    [LoggerMessage(2032, LogLevel.Information, "{Account} {Answered} a device with client {Client}, at {Address}")]
    private partial void LogAnswered(string account, string answered, string client, string address);
}

/// <summary>Bounds how many devices an address begins with, in the same way as wrong tries.</summary>
internal sealed class DeviceGate(TimeProvider clock)
{
    private readonly AddressGate _gate = new(clock);

    public Error? Take(string address) => _gate.Take(address) is null ? null : Error.Exhausted("TOO_MANY_DEVICES", "too many devices were begun with from your network: wait a minute, then try again");
}
