using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Errors;
using ModelGarden.Testing;

namespace ModelGarden.Hosting.Tests.Access;

public sealed class CallerMiddlewareTests
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Theory]
    [InlineData("Bearer")]
    [InlineData("bearer")]
    public async Task Http_WithAToken_KnowsTheCaller(string scheme)
    {
        await using var garden = await TestGarden.StartAsync(new Probe().Search());

        Assert.Equal((HttpStatusCode.OK, "Person acme/ann"), await GetAsync(garden, scheme, TestGarden.TokenOf(People.Engineer())));
    }

    [Theory]
    [InlineData("Bearer", "garbage")]
    [InlineData("Bearer", "")]
    [InlineData("Bearer", "a.b.c")]
    [InlineData("Basic", "YW5uOmFubg==")]
    public async Task Http_WithAnotherToken_IsRefused(string scheme, string token)
    {
        await using var garden = await TestGarden.StartAsync(new Probe().Search());

        var (status, body) = await GetAsync(garden, scheme, token);

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Contains("_INTERNAL_TOKEN\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_WithoutAToken_IsRefused_EvenIfItCallsItselfGrpc()
    {
        await using var garden = await TestGarden.StartAsync(new Probe { OnHttp = _ => throw new InvalidOperationException("must not be reached") }.Search());
        using var http = garden.Http(ServiceNames.Search);

        using var plain = await http.GetAsync("/probe", Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/probe") { Content = new ByteArrayContent([]) { Headers = { ContentType = new("application/grpc") } } };
        using var disguised = await http.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.Unauthorized, plain.StatusCode);
        Assert.Equal(((int)StatusCode.Unauthenticated).ToString(System.Globalization.CultureInfo.InvariantCulture), disguised.Headers.GetValues("grpc-status").Single());
    }

    [Theory]
    [InlineData("/metrics/model")]
    [InlineData("/healthz/model")]
    [InlineData("/nowhere")]
    public async Task Http_WithoutAToken_IsRefused_OnAnythingButTheOpenEndpoints(string path)
    {
        await using var garden = await TestGarden.StartAsync(new Probe().Search());
        using var http = garden.Http(ServiceNames.Search);

        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(path, Cancel)).StatusCode);
    }

    [Fact]
    public async Task Http_WithATokenThatWasGoodBefore_IsRefusedOnceItHasExpired()
    {
        var clock = new ManualClock();
        await using var garden = await TestGarden.StartAsync(null, clock, null, new Probe().Search());
        var token = TestGarden.TokenOf(People.Engineer(), clock);

        Assert.Equal(HttpStatusCode.OK, (await GetAsync(garden, "Bearer", token)).Status);
        clock.Advance(InternalToken.Lifetime + TimeSpan.FromSeconds(31));
        var (status, body) = await GetAsync(garden, "Bearer", token);

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Contains("INTERNAL_TOKEN_EXPIRED", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Grpc_WithAWrongToken_IsToldWhyInItsOwnWords()
    {
        await using var garden = await TestGarden.StartAsync(new Probe().Search());
        var client = new Search.SearchClient(garden.With("garbage", ServiceNames.Search));

        var exception = await Assert.ThrowsAsync<RpcException>(async () => await client.QueryAsync(new(), cancellationToken: Cancel));

        var error = exception.ToError(ServiceNames.Search);
        Assert.Equal(StatusCode.Unauthenticated, exception.StatusCode);
        Assert.Equal("BAD_INTERNAL_TOKEN", error.Reason);
        Assert.Contains("call through the gateway", error.Message, StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(TestGarden garden, string scheme, string token)
    {
        using var http = garden.Http(ServiceNames.Search);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(scheme, token);
        using var response = await http.GetAsync("/probe", Cancel);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancel));
    }
}
