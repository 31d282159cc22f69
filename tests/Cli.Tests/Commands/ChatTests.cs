using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ModelGarden.Cli.Tests.Doubles;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Tests.Commands;

public sealed class ChatTests : IAsyncLifetime
{
    private readonly List<JsonNode> _asked = [];
    private GardenDouble _garden = null!;
    private Machine _machine = null!;
    private string[] _words = ["In the ", "beginning"];
    private string _end = "data: [DONE]\n\n";

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenDouble.StartAsync();
        _machine = new(_garden);
        _garden.OnPath("POST", "/v1/chat/completions", AnswerAsync);
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
    }

    [Fact]
    public async Task Chat_OneMessage_StreamsTheAnswer()
    {
        var ran = (await _machine.RunAsync("chat", "tiny", "Hello", "--system", "Be brief", "--max-tokens", "5", "--temperature", "0.5")).Ok();

        Assert.Equal("In the beginning\n", ran.Out);
        Assert.Equal("""{"model":"tiny","messages":[{"role":"system","content":"Be brief"},{"role":"user","content":"Hello"}],"stream":true,"stream_options":{"include_usage":true},"max_tokens":5,"temperature":0.5}""", _asked.Single().ToJsonString());
    }

    [Fact]
    public async Task Chat_Pieces_AreShownAsTheyCome()
    {
        var shown = new TaskCompletionSource();
        _machine.Out = new WatchedWriter(shown, "In the ");
        _words = ["In the "];
        _end = "";
        _garden.FailOnce(request => request.Path == "/v1/chat/completions", async context =>
        {
            await AnswerAsync(context);
            await context.Response.Body.FlushAsync();
            await shown.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await context.Response.WriteAsync("data: [DONE]\n\n");
        });

        (await _machine.RunAsync("chat", "tiny", "Hello")).Ok();

        Assert.True(shown.Task.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Chat_Piped_TakesTheInput()
    {
        _machine.Input = "Tell me\nmore";

        (await _machine.RunAsync("chat", "tiny")).Ok();

        Assert.Equal("Tell me\nmore", (string?)_asked.Single()["messages"]![0]!["content"]);
    }

    [Fact]
    public async Task Chat_EmptyPipe_IsWrongUsage() => Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync("chat", "tiny")).Code);

    [Fact]
    public async Task Chat_Interactive_RemembersUntilReset()
    {
        (_machine.IsInteractive, _machine.Input) = (true, "one\ntwo\n/reset\nthree\n/exit\nfour\n");

        (await _machine.RunAsync("chat", "tiny", "--system", "s")).Ok();

        Assert.Equal(["system,user", "system,user,assistant,user", "system,user"], _asked.Select(asked => string.Join(',', asked["messages"]!.AsArray().Select(message => (string?)message!["role"]))));
        Assert.Equal("In the beginning", (string?)_asked[1]["messages"]![2]!["content"]);
    }

    [Fact]
    public async Task Chat_InJson_IsEachPieceAsItCame()
    {
        var lines = (await _machine.RunAsync("chat", "tiny", "Hello", "--json")).Ok().Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(3, lines.Length);
        Assert.Equal("In the ", (string?)JsonNode.Parse(lines[0])!["choices"]![0]!["delta"]!["content"]);
        Assert.Equal(2, (int)JsonNode.Parse(lines[^1])!["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task Chat_OnATerminal_DoesNotObeyTheModel()
    {
        (_machine.IsTerminal, _words) = (true, ["a\u001b[2J", "b"]);

        var ran = (await _machine.RunAsync("chat", "tiny", "Hello")).Ok();

        Assert.Equal("a\uFFFD[2Jb\n", ran.Out);
    }

    [Fact]
    public async Task Chat_AnswerBreaksOff_IsAFailure()
    {
        _end = "";

        var ran = await _machine.RunAsync("chat", "tiny", "Hello");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains("(ANSWER_BROKEN)", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_UnknownEndpoint_IsSaidInTheGardensWords()
    {
        _garden.FailOnce(_ => true, context =>
        {
            context.Response.StatusCode = 404;
            return context.Response.WriteAsync("""{"error":{"message":"no endpoint 'tiny'","type":"invalid_request_error","param":"model","code":"model_not_found"}}""");
        });

        var ran = await _machine.RunAsync("chat", "tiny", "Hello");

        Assert.Equal((ExitCodes.Failed, "error: no endpoint 'tiny' (MODEL_NOT_FOUND)\n"), (ran.Code, ran.Err));
    }

    [Fact]
    public async Task Chat_LicenceWithdrawn_SaysTheNextCommand()
    {
        _garden.FailOnce(_ => true, context =>
        {
            context.Response.StatusCode = 403;
            return context.Response.WriteAsync("""{"error":{"message":"not accepted","code":"license_not_accepted"}}""");
        });
        _garden.On<GetEndpointRequest>("GetEndpoint", _ => new Contracts.V1.Endpoint { Licenses = { "kjv-1.0" } });
        _garden.On<GetLicenseRequest>("GetLicense", request => new License { Id = request.Id, RequiresAcceptance = true });

        Assert.Contains("next: garden licenses accept kjv-1.0", (await _machine.RunAsync("chat", "tiny", "Hello")).Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_Refused_IsNotAskedTwice()
    {
        _garden.FailOnce(_ => true, context => GardenDouble.RefuseAsync(context, 503, "WAKING", "still waking"));

        Assert.Equal(ExitCodes.Failed, (await _machine.RunAsync("chat", "tiny", "Hello")).Code);
        Assert.Single(_garden.Requests);
    }

    [Fact]
    public async Task Chat_Interrupted_EndsWith130()
    {
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        _garden.FailOnce(_ => true, async context =>
        {
            await interrupt.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });

        Assert.Equal(ExitCodes.Interrupted, (await _machine.RunAsync(interrupt.Token, "chat", "tiny", "Hello")).Code);
    }

    [Theory]
    [InlineData("--temperature", "warm")]
    [InlineData("--temperature", "NaN")]
    [InlineData("--max-tokens", "0")]
    public async Task Chat_BadOption_IsWrongUsage(string option, string value) =>
        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync("chat", "tiny", "Hello", option, value)).Code);

    private async Task AnswerAsync(HttpContext context)
    {
        _asked.Add((await JsonNode.ParseAsync(context.Request.Body))!);
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync(": a comment\n\n");
        foreach (var word in _words)
        {
            await context.Response.WriteAsync($"data: {new JsonObject { ["choices"] = new JsonArray(new JsonObject { ["delta"] = new JsonObject { ["content"] = word } }) }.ToJsonString()}\n\n");
        }

        await context.Response.WriteAsync(_end.Length > 0 ? $"data: {{\"choices\":[],\"usage\":{{\"completion_tokens\":2}}}}\r\n\r\n{_end}" : "");
    }

    private sealed class WatchedWriter(TaskCompletionSource shown, string awaited) : StringWriter
    {
        public override void Write(string? value)
        {
            base.Write(value);
            if (ToString().Contains(awaited, StringComparison.Ordinal))
            {
                shown.TrySetResult();
            }
        }
    }
}
