using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Calls;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Hosting.Tests.Access;

/// <summary>What every service asks of Identity: keys, and a token of its own.</summary>
public sealed class RemoteIdentityTests : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private readonly IdentityDouble _identity = new();
    private TestGarden _garden = null!;

    private static CancellationToken Cancel => Patience.Cancel;

    public async ValueTask InitializeAsync() => _garden = await TestGarden.StartAsync(
        new ServiceDefinition(ServiceNames.Identity, builder => builder.Services.AddSingleton(_identity), app => app.MapGarden<IdentityDouble>(Identity.Descriptor)),
        new Probe().Search());

    public ValueTask DisposeAsync() => _garden.DisposeAsync();

    [Fact]
    public async Task Keys_AreAskedForOnce_AndAgainForAnUnknownOneAtMostOnceASecond()
    {
        using var keys = new RemoteSigningKeys(Peers(), _clock);
        _identity.Keys["a"] = NewKey();

        Assert.NotNull(await keys.FindAsync("a", Cancel));
        Assert.NotNull(await keys.FindAsync("a", Cancel));
        Assert.Equal(1, _identity.Asked);

        _identity.Keys["b"] = NewKey();
        Assert.Null(await keys.FindAsync("b", Cancel));
        Assert.Equal(1, _identity.Asked);

        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.NotNull(await keys.FindAsync("b", Cancel));
        Assert.Null(await keys.FindAsync("c", Cancel));
        Assert.Equal(2, _identity.Asked);
    }

    [Fact]
    public async Task Token_IsKeptUntilAMinuteBeforeItsEnd_AndGotOnceForMany()
    {
        using var tokens = new RemoteServiceTokens(Peers(), new("search"), Secret("the secret"), _clock);
        _identity.ExpiresAt = _clock.GetUtcNow().AddMinutes(5);

        var many = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => tokens.GetAsync(Cancel).AsTask()));
        Assert.All(many, token => Assert.Equal("search/the secret/1", token));

        _clock.Advance(TimeSpan.FromMinutes(4) - TimeSpan.FromSeconds(1));
        Assert.Equal("search/the secret/1", await tokens.GetAsync(Cancel));

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("search/the secret/2", await tokens.GetAsync(Cancel));
    }

    [Fact]
    public async Task Token_ThatIdentityRefuses_FailsWithItsReason_AndIsAskedForAgain()
    {
        using var tokens = new RemoteServiceTokens(Peers(), new("search"), Secret("wrong"), _clock);

        for (var i = 0; i < 2; i++)
        {
            var exception = await Assert.ThrowsAsync<ErrorException>(async () => await tokens.GetAsync(Cancel));
            Assert.Equal("BAD_SECRET", exception.Error.Reason);
        }
    }

    private Peers Peers() => _garden.PartsOf(ServiceNames.Search).GetRequiredService<Peers>();

    private static IOptions<GardenOptions> Secret(string secret) => Options.Create(new GardenOptions { ServiceSecret = secret });

    private static byte[] NewKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportSubjectPublicKeyInfo();
    }

    private sealed class IdentityDouble : Identity.IdentityBase
    {
        private int _issued;

        public Dictionary<string, byte[]> Keys { get; } = [];

        public DateTimeOffset ExpiresAt { get; set; }

        public int Asked { get; private set; }

        public override Task<ListSigningKeysResponse> ListSigningKeys(ListSigningKeysRequest request, ServerCallContext context)
        {
            Asked++;
            return Task.FromResult(new ListSigningKeysResponse { Keys = { Keys.Select(key => new SigningKey { Id = key.Key, PublicKey = ByteString.CopyFrom(key.Value) }) } });
        }

        public override Task<IssueServiceTokenResponse> IssueServiceToken(IssueServiceTokenRequest request, ServerCallContext context) => request.Secret is "wrong"
            ? throw new ErrorException(Error.Unauthenticated("BAD_SECRET", "no"))
            : Task.FromResult(new IssueServiceTokenResponse { InternalToken = $"{request.Service}/{request.Secret}/{++_issued}", ExpiresAt = Timestamp.FromDateTimeOffset(ExpiresAt) });
    }
}
