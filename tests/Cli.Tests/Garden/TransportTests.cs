using Microsoft.AspNetCore.Http;
using ModelGarden.Cli.Tests.Doubles;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Tests.Garden;

public sealed class TransportTests : IAsyncLifetime
{
    private GardenDouble _garden = null!;
    private Machine _machine = null!;

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenDouble.StartAsync();
        _machine = new(_garden);
        _garden.On<WhoAmIRequest>("WhoAmI", _ => new Principal { Name = "ada" });
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
    }

    [Theory]
    [InlineData(429)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task Reading_RefusedForNow_IsTriedAgainLaterAndLater(int status)
    {
        for (var i = 0; i < 3; i++)
        {
            Fail(status);
        }

        (await _machine.RunAsync("whoami")).Ok();

        Assert.Equal(3, _machine.Pauses.Count);
        Assert.InRange(_machine.Pauses[0], TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(0.5));
        Assert.InRange(_machine.Pauses[2], TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Reading_RefusedForNowAgainAndAgain_GivesUp()
    {
        for (var i = 0; i < 9; i++)
        {
            Fail(503);
        }

        var ran = await _machine.RunAsync("whoami");

        Assert.Equal((ExitCodes.Failed, 5), (ran.Code, _garden.Requests.Count));
        Assert.Contains("(BUSY)", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reading_RefusedForAnHour_IsSaidAtOnce()
    {
        Fail(429, "3600");

        Assert.Equal(ExitCodes.Failed, (await _machine.RunAsync("whoami")).Code);
        Assert.Empty(_machine.Pauses);
    }

    [Fact]
    public async Task Making_RefusedForNow_IsNotTriedAgain()
    {
        Fail(503);

        Assert.Equal(ExitCodes.Failed, (await _machine.RunAsync("tenants", "create", "acme")).Code);
        Assert.Single(_garden.Requests);
    }

    [Fact]
    public async Task Reading_ConnectionBroken_IsTriedAgain()
    {
        _garden.FailOnce(_ => true, context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        (await _machine.RunAsync("whoami")).Ok();

        Assert.Equal(2, _garden.Requests.Count);
    }

    [Theory]
    [InlineData("<html>no garden here</html>")]
    [InlineData("""{"name": {"deep": 1}}""")]
    [InlineData("")]
    public async Task Answer_ThatIsNone_IsSaid(string body)
    {
        _garden.FailOnce(_ => true, context => context.Response.WriteAsync(body));

        var ran = await _machine.RunAsync("whoami");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains("(BAD_ANSWER)", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_OfANewerGarden_IsRead()
    {
        _garden.FailOnce(_ => true, context => context.Response.WriteAsync("""{"name": "ada", "kind": "PRINCIPAL_KIND_ROBOT_OVERLORD", "mood": {"good": true}}"""));

        Assert.Equal("PRINCIPAL_KIND_UNSPECIFIED", (string?)(await _machine.RunAsync("whoami", "--json")).Ok().Json["kind"]);
    }

    [Theory]
    [InlineData(500, "", "the garden answered 500 Internal Server Error (HTTP_500)")]
    [InlineData(404, "<html>", "the garden answered 404 Not Found (HTTP_404)")]
    [InlineData(403, """{"error":{"reason":"R","message":"\u001b[31mred"}}""", "\uFFFD[31mred (R)")]
    public async Task Refusal_InAnyWords_IsRead(int status, string body, string expected)
    {
        _garden.FailOnce(_ => true, context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        });

        var ran = await _machine.RunAsync("whoami");

        Assert.Equal((ExitCodes.Failed, $"error: {expected}\n"), (ran.Code, ran.Err));
    }

    [Fact]
    public async Task Redirect_OfAnAnswer_IsNotFollowed()
    {
        await using var elsewhere = await GardenDouble.StartAsync();
        _garden.FailOnce(_ => true, context =>
        {
            context.Response.Redirect(elsewhere.Address + "/garden/v1/whoami");
            return Task.CompletedTask;
        });

        Assert.Equal(ExitCodes.Failed, (await _machine.RunAsync("whoami")).Code);
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task Token_GoesToItsGarden()
    {
        (await _machine.RunAsync("whoami")).Ok();

        Assert.Equal("Bearer hf_garden_test", _garden.Requests.Single().Authorization);
    }

    private void Fail(int status, string? retryAfter = null) => _garden.FailOnce(_ => true, context =>
    {
        context.Response.Headers.RetryAfter = retryAfter;
        return GardenDouble.RefuseAsync(context, status, "BUSY", "too much to do");
    });
}
