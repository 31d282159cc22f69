using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Keys;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

/// <summary>Signing keys over restarts, replicas and months, on either engine.</summary>
public abstract class KeyContract
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Restart_TokenIssuedBefore_StaysVerifiableEverywhere()
    {
        await using var garden = await StartAsync();
        var before = await garden.AuthenticateAsync(IdentityGarden.AdminToken);
        var keys = await garden.AsGateway().ListSigningKeysAsync(new(), cancellationToken: Cancel);

        await garden.Garden.RestartAsync(IdentityModule.Definition);

        Assert.Equal("root", (await garden.With(before.InternalToken).WhoAmIAsync(new(), cancellationToken: Cancel)).Name);
        Assert.Equal(keys, await garden.AsGateway().ListSigningKeysAsync(new(), cancellationToken: Cancel));
        var entitlement = new Contracts.V1.Entitlement.EntitlementClient(garden.Garden.With(before.InternalToken, ServiceNames.Entitlement));
        Assert.NotEmpty((await entitlement.ListTenantsAsync(new(), cancellationToken: Cancel)).Tenants);
    }

    [Fact]
    public async Task Rotation_AfterThirtyDays_NewKeySignsAndOldOneVerifiesForAnHour()
    {
        await using var garden = await StartAsync();
        garden.Clock.Jump(KeyStore.Lifetime - TimeSpan.FromMinutes(2));
        var old = await garden.AuthenticateAsync(IdentityGarden.AdminToken);
        garden.Clock.Jump(TimeSpan.FromMinutes(2));

        await KeepAsync(garden);
        var fresh = await garden.AuthenticateAsync(IdentityGarden.AdminToken);

        var keys = (await garden.AsGateway().ListSigningKeysAsync(new(), cancellationToken: Cancel)).Keys.Select(key => key.Id);
        Assert.Equal([InternalToken.KeyIdOf(fresh.InternalToken), InternalToken.KeyIdOf(old.InternalToken)], keys);
        Assert.Equal("root", (await garden.With(old.InternalToken).WhoAmIAsync(new(), cancellationToken: Cancel)).Name);

        garden.Clock.Jump(KeyStore.Retirement);
        await KeepAsync(garden);

        Assert.Equal([InternalToken.KeyIdOf(fresh.InternalToken)!], (await garden.AsGateway().ListSigningKeysAsync(new(), cancellationToken: Cancel)).Keys.Select(key => key.Id));
    }

    [Fact]
    public async Task Rotation_EightReplicasAtOnce_MakeOneKey()
    {
        await using var garden = await StartAsync();
        garden.Clock.Jump(KeyStore.Lifetime);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => garden.Part<KeyStore>().KeepAsync(Cancel))));

        Assert.Equal(2, (await garden.AsGateway().ListSigningKeysAsync(new(), cancellationToken: Cancel)).Keys.Count);
    }

    [Fact]
    public async Task FindKey_MadeByAnotherReplica_IsFoundInTheStore()
    {
        await using var garden = await StartAsync();
        garden.Clock.Jump(KeyStore.Lifetime);
        var made = (await garden.Part<KeyStore>().KeepAsync(Cancel))[0];

        Assert.NotNull(await garden.Part<KeyRing>().FindAsync(made.Id, Cancel));
        Assert.Null(await garden.Part<KeyRing>().FindAsync("none", Cancel));
    }

    [Fact]
    public async Task InternalToken_OfAnotherKey_IsRefused()
    {
        await using var garden = await StartAsync();
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var keyId = (await garden.AsGateway().ListSigningKeysAsync(new(), cancellationToken: Cancel)).Keys[0].Id;
        var forged = InternalToken.Sign(People.Operator, keyId, key, garden.Clock.GetUtcNow());

        var exception = await Assert.ThrowsAsync<Grpc.Core.RpcException>(async () => await garden.With(forged).WhoAmIAsync(new(), cancellationToken: Cancel));

        Assert.Equal(Grpc.Core.StatusCode.Unauthenticated, exception.StatusCode);
    }

    private protected abstract Task<IdentityGarden> StartAsync();

    /// <summary>What the keeper does every minute, and may have done already.</summary>
    private static async Task KeepAsync(IdentityGarden garden) => garden.Part<KeyRing>().Hold(await garden.Part<KeyStore>().KeepAsync(Cancel));
}

public sealed class SqliteKeyTests : KeyContract
{
    [Fact]
    public async Task Store_WithPrivateKeys_IsForItsUserAlone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes");
        await using var garden = await StartAsync();

        var files = Directory.GetFiles(Path.Combine(garden.Garden.Data, ServiceNames.Identity));

        Assert.Contains(files, file => file.EndsWith("identity.db", StringComparison.Ordinal));
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(file).UnixFileMode));
    }

    private protected override Task<IdentityGarden> StartAsync() => IdentityGarden.StartAsync(null);
}

public sealed class PostgresKeyTests : KeyContract
{
    private protected override async Task<IdentityGarden> StartAsync() => await IdentityGarden.StartAsync(await TestDatabase.CreateAsync());
}
