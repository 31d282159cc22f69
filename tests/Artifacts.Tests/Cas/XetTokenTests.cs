using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Grpc.Core;
using ModelGarden.Artifacts.Cas;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Cas;

public sealed class XetTokenTests : IAsyncLifetime
{
    private static readonly TestXorb Xorb = TestXorb.Any(1);
    private static readonly TestFile File = TestFile.Of(Xorb);
    private static readonly byte[] Shard = TestFile.Shard([File], Xorb);
    private readonly ManualClock _clock = new();
    private CasGarden _garden = null!;

    public static TheoryData<string, string> Reads => new()
    {
        { "GET", $"/v2/reconstructions/{File.Hash}" },
        { "GET", $"/v1/reconstructions/{File.Hash}" },
        { "GET", $"/v1/reconstructions?file_id={File.Hash}" },
        { "POST", "/v1/reconstructions" },
        { "HEAD", $"/v1/files/{File.Hash}" },
    };

    public static TheoryData<string, string> Writes => new()
    {
        { "POST", Xorb.Path },
        { "HEAD", Xorb.Path },
        { "POST", "/v1/shards" },
        { "POST", "/v2/shards" },
        { "POST", "/shards" },
        { "GET", $"/v1/chunks/default/{Xorb.Index.Chunks[0].Hash}" },
    };

    public async ValueTask InitializeAsync()
    {
        _garden = await CasGarden.StartAsync(clock: _clock);
        await _garden.StoreAsync(File, Xorb);
    }

    public ValueTask DisposeAsync() => _garden.DisposeAsync();

    [Theory]
    [MemberData(nameof(Reads))]
    [MemberData(nameof(Writes))]
    public async Task Request_WithoutTokenOrWithAForgedOne_401(string method, string path)
    {
        var token = await _garden.TokenAsync();
        foreach (var forged in new[] { null, "", "x", ".", token + "x", token[..^1], Forged(token), token.Replace(".", "..", StringComparison.Ordinal), new string('a', 5000) })
        {
            await UnauthenticatedAsync(CasErrors.BadToken, method, path, forged);
        }
    }

    [Fact]
    public async Task Request_WithATokenOfAnotherGarden_401()
    {
        await using var other = await CasGarden.StartAsync(clock: _clock);

        await UnauthenticatedAsync(CasErrors.BadToken, "HEAD", Xorb.Path, await other.TokenAsync());
    }

    [Theory]
    [MemberData(nameof(Reads))]
    [MemberData(nameof(Writes))]
    public async Task Request_WithAnExpiredToken_401(string method, string path)
    {
        var token = await _garden.TokenAsync(lifetime: 60);
        _clock.Advance(TimeSpan.FromSeconds(61));

        await UnauthenticatedAsync(CasErrors.TokenExpired, method, path, token);
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task Request_ThatWritesWithAReadToken_403(string method, string path)
    {
        var held = await _garden.HeldAsync();

        await RefusedAsync(HttpStatusCode.Forbidden, "READ_ONLY", method, path, await _garden.TokenAsync(write: false));

        Assert.Equal(held, await _garden.HeldAsync());
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Read_WithATokenOfAnotherRepositoryOrCommit_NotFound(string method, string path)
    {
        var (other, commit) = ("acme/other", new string('f', 40));
        _garden.Catalog.Commit(other, CasGarden.Commit, [Bytes(10)]);
        _garden.Catalog.Commit(CasGarden.Repository, commit, []);

        await RefusedAsync(HttpStatusCode.NotFound, "FILE_NOT_FOUND", method, path, await _garden.TokenAsync(repository: other));
        await RefusedAsync(HttpStatusCode.NotFound, "FILE_NOT_FOUND", method, path, await _garden.TokenAsync(commit: commit));
        var asked = _garden.Catalog.Asked;
        await RefusedAsync(HttpStatusCode.NotFound, "FILE_NOT_FOUND", method, path, await _garden.TokenAsync(commit: ""));
        Assert.Equal(asked, _garden.Catalog.Asked);
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Read_WithAWriteToken_Works(string method, string path)
    {
        using var response = await SendAsync(method, path, await _garden.TokenAsync(write: true));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/v1/shards")]
    [InlineData("DELETE", "/v1/shards")]
    [InlineData("PUT", "/v2/shards")]
    [InlineData("POST", "/v2/reconstructions/0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("GET", "/v1/xorbs/default/0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("PUT", "/v1/xorbs/default/0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("GET", "/v2/file-chunk-hashes/0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("POST", "/v1/xorbs/other/0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("GET", "/")]
    public async Task Request_ByAnotherMethodOrPath_404(string method, string path) =>
        await RefusedAsync(HttpStatusCode.NotFound, "NOT_SERVED", method, path, await _garden.TokenAsync());

    [Theory]
    [InlineData("GET", "/v2/reconstructions/{0}")]
    [InlineData("GET", "/v1/reconstructions?file_id={0}")]
    [InlineData("POST", "/v1/xorbs/default/{0}")]
    [InlineData("GET", "/v1/chunks/default/{0}")]
    public async Task Request_ForAMalformedHash_400(string method, string path)
    {
        foreach (var hash in new[] { "x", File.Hash[1..], File.Hash.ToUpperInvariant(), File.Hash + "0", $"g{File.Hash[1..]}" })
        {
            await RefusedAsync(HttpStatusCode.BadRequest, "BAD_XET_HASH", method, path.Replace("{0}", hash, StringComparison.Ordinal), await _garden.TokenAsync());
        }
    }

    [Fact]
    public async Task Read_OfAFileThatIsNotClean_OnlyByReviewers()
    {
        // A pickle that would run a command, given away by its content.
        var pickle = "cos\nsystem\n(S'true'\ntR."u8.ToArray();
        var xorb = TestXorb.Of(pickle);
        var file = TestFile.Of(xorb);
        await _garden.UploadAsync(xorb);
        await _garden.RegisterAsync(TestFile.Shard([file], xorb));
        _garden.Catalog.Commit(CasGarden.Repository, new string('e', 40), [pickle]);

        async Task<string> TokenAsync(bool allow) => await _garden.TokenAsync(write: false, commit: new string('e', 40), allowUnclean: allow);
        await ArtifactsGarden.RefusedAsync(HttpStatusCode.Forbidden, "FILE_NOT_CLEAN", await SendAsync("GET", $"/v2/reconstructions/{file.Hash}", await TokenAsync(false)));
        using var response = await SendAsync("GET", $"/v2/reconstructions/{file.Hash}", await TokenAsync(true));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(".py")]
    [InlineData(".py.")]
    [InlineData(".gguf")]
    [InlineData(".GGUF. .")]
    public async Task Read_OfAFileThatIsNotWhatItsNameSays_OnlyByReviewers(string ending)
    {
        var plain = ArtifactsGarden.Bytes(100_000, seed: 77);
        var xorb = TestXorb.Of(plain);
        var file = TestFile.Of(xorb);
        await _garden.UploadAsync(xorb);
        await _garden.RegisterAsync(TestFile.Shard([file], xorb));
        _garden.Catalog.Commit(CasGarden.Repository, new string('d', 40), [plain]);
        _garden.Catalog.Ending = ending;

        async Task<string> TokenAsync(bool allow) => await _garden.TokenAsync(write: false, commit: new string('d', 40), allowUnclean: allow);
        await ArtifactsGarden.RefusedAsync(HttpStatusCode.Forbidden, "FILE_NOT_CLEAN", await SendAsync("GET", $"/v2/reconstructions/{file.Hash}", await TokenAsync(false)));
        using var response = await SendAsync("GET", $"/v2/reconstructions/{file.Hash}", await TokenAsync(true));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task SignXetAccess_ByAPerson_Refused()
    {
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await _garden.Garden.As(People.Admin()).SignXetAccessAsync(
            new() { Tenant = "acme", Repository = CasGarden.Repository, Commit = CasGarden.Commit, Write = true }, cancellationToken: Cancel));

        Assert.Equal(StatusCode.PermissionDenied, failure.StatusCode);
    }

    [Fact]
    public async Task Token_TenantInCapitals_IsTheSameTenant()
    {
        using var response = await _garden.SendAsync(HttpMethod.Head, Xorb.Path, await _garden.TokenAsync(tenant: "ACME"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    /// <summary>What it says changed, its signature kept.</summary>
    private static string Forged(string token)
    {
        var (payload, signature) = (token.Split('.')[0], token.Split('.')[1]);
        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(payload)).Replace("acme", "evil", StringComparison.Ordinal);
        return $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text))}.{signature}";
    }

    private async Task RefusedAsync(HttpStatusCode status, string reason, string method, string path, string? token)
    {
        using var response = await SendAsync(method, path, token);
        Assert.Equal((status, reason), (response.StatusCode, response.Headers.GetValues("X-Error-Code").Single()));
    }

    /// <summary>As the Hub has it: no code, and words that its clients know; our own are in the body.</summary>
    private async Task UnauthenticatedAsync(Error error, string method, string path, string? token)
    {
        using var response = await SendAsync(method, path, token);
        Assert.Equal((HttpStatusCode.Unauthorized, "Invalid credentials in Authorization header"), (response.StatusCode, response.Headers.GetValues("X-Error-Message").Single()));
        if (method is not "HEAD")
        {
            Assert.Equal(error.Message, (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!["error"]!);
        }
    }

    private Task<HttpResponseMessage> SendAsync(string method, string path, string? token) => _garden.SendAsync(new(method), path, token, (method, path) switch
    {
        ("POST", "/v1/reconstructions") => new StringContent($$"""[{"prefix":"default","hash":"{{File.Hash}}"}]"""),
        ("POST", _) when path.Contains("xorb", StringComparison.Ordinal) => new ByteArrayContent(Xorb.Body),
        ("POST", _) => new ByteArrayContent(Shard),
        _ => null,
    });
}
