using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ModelGarden.Cli.Tests.Doubles;

namespace ModelGarden.Cli.Tests.Commands;

public sealed class AccessTests : IAsyncLifetime
{
    private const string Requests = "/api/models/acme/gated/user-access-request";
    private readonly List<string> _sent = [];
    private GardenDouble _garden = null!;
    private Machine _machine = null!;
    private string _form = """{"gated":"manual","heading":"Hello","fields":[{"name":"Company","type":"text"},{"name":"For","type":"select","options":[{"label":"Other","value":"other"}]},{"name":"Place","type":"ip_location"}],"request":null}""";

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenDouble.StartAsync();
        _machine = new(_garden);
        _garden.OnPath("GET", "/acme/gated/ask-access", http => http.Response.WriteAsync(_form));
        _garden.OnPath("POST", "/acme/gated/ask-access", http => TakeAsync(http, """{"status":"pending","timestamp":"2026-02-03T04:05:06.000Z","garden":{}}"""));
        _garden.OnPath("POST", $"{Requests}/", http => TakeAsync(http, """{"user":{"user":"ann"},"status":"accepted","timestamp":"2026-02-03T04:05:06.000Z","garden":{"until":"2027-01-31T00:00:00.000Z"}}"""));
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
    }

    [Fact]
    public async Task Ask_WithoutAnswers_SaysWhatIsAskedAndSendsNothing()
    {
        var ran = (await _machine.RunAsync("models", "access", "ask", "acme/gated")).Ok();

        Assert.Contains("Hello\n", ran.Out, StringComparison.Ordinal);
        Assert.Contains("Company  text\nFor      one of other\n", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("Place", ran.Out, StringComparison.Ordinal);
        Assert.Contains("--field \"Company=…\"", ran.Err, StringComparison.Ordinal);
        Assert.Empty(_sent);
    }

    [Fact]
    public async Task Ask_WithAnswers_SendsThem()
    {
        var ran = (await _machine.RunAsync("models", "access", "ask", "acme/gated", "--field", "Company=a=b", "--field", "For=other")).Ok();

        Assert.Equal(["""{"Company":"a=b","For":"other"}"""], _sent);
        Assert.Contains("pending", ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_WhereNothingIsAsked_AsksAtOnce()
    {
        _form = """{"gated":"manual","fields":[],"request":null}""";

        Assert.Equal("pending", (string?)(await _machine.RunAsync("models", "access", "ask", "acme/gated", "--json")).Ok().Json["status"]);

        Assert.Equal(["{}"], _sent);
    }

    [Fact]
    public async Task List_InPages_IsOneTable()
    {
        _garden.OnPath(request => request.Path == $"{Requests}/pending" && request.QueryString.Value!.Contains("cursor", StringComparison.Ordinal), http => http.Response.WriteAsync(Listed("bob")));
        _garden.OnPath(request => request.Path == $"{Requests}/pending", http =>
        {
            http.Response.Headers.Link = $"<https://elsewhere.test{Requests}/pending?limit=1000&cursor=2>; rel=\"next\"";
            return http.Response.WriteAsync(Listed("ann"));
        });

        var ran = (await _machine.RunAsync("models", "access", "list", "acme/gated")).Ok();

        Assert.Matches("ann +Ann Example +ann@acme.test +2026-02-03T04:05:06.000Z +Company: Acme\n", ran.Out);
        Assert.Contains("bob", ran.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"user":"ann","status":"accepted","until":"2027-01-31T00:00:00Z"}""", "handle", "accept", "acme/gated", "ann", "--until", "2027-01-31")]
    [InlineData("""{"user":"ann","status":"rejected","rejectionReason":"no"}""", "handle", "reject", "acme/gated", "ann", "--reason", "no")]
    [InlineData("""{"user":"ann"}""", "grant", "grant", "acme/gated", "ann")]
    public async Task Decision_IsSentAsTheProtocolHasIt(string body, string path, params string[] arguments)
    {
        var ran = (await _machine.RunAsync(["models", "access", .. arguments])).Ok();

        Assert.Equal([body], _sent);
        Assert.Equal($"{Requests}/{path}", _garden.Requests.Single().Path);
        Assert.Contains("2027-01-31T00:00:00.000Z", ran.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ask", "acme/gated", "--field", "Company")]
    [InlineData("ask", "gated")]
    [InlineData("list", "acme/gated", "--status", "maybe")]
    [InlineData("accept", "acme/gated")]
    [InlineData("accept", "acme/gated", "../ann")]
    [InlineData("grant", "acme/gated", "ann", "--until", "soon")]
    public async Task WrongUsage_AsksNothing(params string[] arguments)
    {
        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync(["models", "access", .. arguments])).Code);
        Assert.Empty(_garden.Requests);
    }

    [Fact]
    public async Task Refusal_IsSaidInTheGardensWords()
    {
        _garden.FailOnce(request => request.Method is "POST", http =>
        {
            http.Response.StatusCode = 400;
            return http.Response.WriteAsync("""{"error":"acme/gated is not gated by its owner"}""");
        });

        var ran = await _machine.RunAsync("models", "access", "grant", "acme/gated", "ann");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains("not gated by its owner", ran.Err, StringComparison.Ordinal);
    }

    private static string Listed(string account) =>
        "[" + $$$"""{"user":{"user":"{{{account}}}","fullname":"Ann Example","email":"ann@acme.test"},"status":"pending","timestamp":"2026-02-03T04:05:06.000Z","fields":{"Company":"Acme"}}""" + "]";

    private async Task TakeAsync(HttpContext http, string answer)
    {
        using var reader = new StreamReader(http.Request.Body);
        _sent.Add(JsonNode.Parse(await reader.ReadToEndAsync(http.RequestAborted))!.ToJsonString());
        await http.Response.WriteAsync(answer);
    }
}
