using Microsoft.AspNetCore.Http;
using ModelGarden.Cli.Tests.Doubles;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Tests.Commands;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class LoginTests : IAsyncLifetime
{
    private const string Token = "hf_garden_secret";
    private GardenDouble _garden = null!;
    private Machine _machine = null!;

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenDouble.StartAsync();
        _machine = new(_garden, token: null);
        _garden.On<WhoAmIRequest>("WhoAmI", _ => _garden.Requests.Last().Authorization == $"Bearer {Token}"
            ? new Principal { Kind = PrincipalKind.Person, Name = "ada", Tenant = "acme", Roles = { "engineer" }, Scopes = { "read", "call" } }
            : throw new Refused(401, "BAD_TOKEN", "the token is not known"));
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
    }

    private string Settings => _machine.PathOf(".config/garden/config.json");

    /// <summary>The garden's end of a login by code: what it answers to each question, the token where that is empty; all that it was asked.</summary>
    private List<Dictionary<string, string>> OnDevice(int interval, params string[] answers)
    {
        var asked = new List<Dictionary<string, string>>();
        var left = new Queue<string>(answers);
        _garden.OnPath("POST", "/oauth/device", async context =>
        {
            asked.Add((await context.Request.ReadFormAsync()).ToDictionary(field => field.Key, field => field.Value.ToString()));
            await context.Response.WriteAsync($$"""{"device_code":"d3vice","user_code":"BCDF-GHJK","verification_uri":"https://garden.example/account/device","expires_in":900,"interval":{{interval}}}""");
        });
        _garden.OnPath("POST", "/oauth/token", async context =>
        {
            asked.Add((await context.Request.ReadFormAsync()).ToDictionary(field => field.Key, field => field.Value.ToString()));
            var error = left.Dequeue();
            context.Response.StatusCode = error switch { "" => 200, "temporarily_unavailable" => 429, _ => 400 };
            await context.Response.WriteAsync(error is "" ? $$"""{"access_token":"{{Token}}","token_type":"Bearer"}""" : $$"""{"error":"{{error}}","error_description":"in words"}""");
        });
        return asked;
    }

    [Fact]
    public async Task Login_WithToken_IsKeptForItsOwnerOnly()
    {
        var ran = (await _machine.RunAsync("login", _garden.Address, "--token", Token)).Ok();

        Assert.Contains("ada", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, ran.Out + ran.Err, StringComparison.Ordinal);
        Assert.Contains(Token, await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Settings));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(Settings)!));
    }

    [Fact]
    public async Task Login_ThenWhoAmI_NeedsNoAddressAndNoToken()
    {
        _machine["XDG_CONFIG_HOME"] = _machine.PathOf("elsewhere");
        (await _machine.RunAsync("login", _garden.Address, "--token", Token)).Ok();
        _machine["GARDEN_URL"] = null;

        var ran = (await _machine.RunAsync("whoami", "--json")).Ok();

        Assert.Equal("ada", (string?)ran.Json["name"]);
        Assert.True(File.Exists(_machine.PathOf("elsewhere/garden/config.json")));
    }

    [Fact]
    public async Task Login_OverAWorldReadableFile_ClosesIt()
    {
        _machine.Write(".config/garden/config.json", "{}");
        File.SetUnixFileMode(Settings, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        (await _machine.RunAsync("login", "--token", Token)).Ok();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Settings));
    }

    [Fact]
    public async Task Login_TokenFromPipe_IsTaken()
    {
        _machine.Input = Token + "\n";

        (await _machine.RunAsync("login")).Ok();

        Assert.True(File.Exists(Settings));
    }

    [Fact]
    public async Task Login_TokenTyped_IsNotShown()
    {
        (_machine.IsInteractive, _machine.Secret) = (true, Token);

        var ran = (await _machine.RunAsync("login", "--with-token")).Ok();

        Assert.Contains("(not shown)", ran.Err, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, ran.Out + ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Login_WrongToken_KeepsNothing()
    {
        var ran = await _machine.RunAsync("login", "--token", "hf_garden_wrong");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains("error: the token is not known (BAD_TOKEN)", ran.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_garden_wrong", ran.Err, StringComparison.Ordinal);
        Assert.False(File.Exists(Settings));
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("naïve")]
    public async Task Login_TokenThatIsNone_IsRefusedWithoutBeingShown(string token)
    {
        var ran = await _machine.RunAsync("login", "--token", token);

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.DoesNotContain(token, ran.Err, StringComparison.Ordinal);
        Assert.Empty(_garden.Requests);
    }

    [Fact]
    public async Task Logout_AfterLogin_ForgetsTheToken()
    {
        (await _machine.RunAsync("login", "--token", Token)).Ok();

        (await _machine.RunAsync("logout")).Ok();

        Assert.DoesNotContain(Token, await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("NOT_LOGGED_IN", (await _machine.RunAsync("logout")).Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logout_OfATokenMadeByHand_LeavesItGood()
    {
        (await _machine.RunAsync("login", "--token", Token)).Ok();

        (await _machine.RunAsync("logout")).Ok();

        Assert.DoesNotContain(_garden.Requests, request => request.Path.StartsWith("/oauth", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Login_ByCode_ShowsItWaitsAndKeepsTheToken()
    {
        _machine.IsInteractive = true;
        var asked = OnDevice(5, "authorization_pending", "slow_down", "temporarily_unavailable", "");

        var ran = (await _machine.RunAsync("login")).Ok();

        Assert.Contains("open https://garden.example/account/device in any browser, sign in, and type the code BCDF-GHJK", ran.Err, StringComparison.Ordinal);
        Assert.Contains("ada", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, ran.Out + ran.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("d3vice", ran.Out + ran.Err, StringComparison.Ordinal);
        Assert.Equal([5, 5, 10, 15], _machine.Pauses.Select(pause => pause.TotalSeconds));
        Assert.Equal(("garden-cli", "read write deploy call"), (asked[0]["client_id"], asked[0]["scope"]));
        Assert.All(asked[1..], poll => Assert.Equal(("urn:ietf:params:oauth:grant-type:device_code", "d3vice", "garden-cli"), (poll["grant_type"], poll["device_code"], poll["client_id"])));
        Assert.Contains(Token, await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Settings));
        Assert.All(_garden.Requests.Where(request => request.Path.StartsWith("/oauth", StringComparison.Ordinal)), request => Assert.Empty(request.Authorization));
    }

    [Theory]
    [InlineData("access_denied", "NOT_ALLOWED")]
    [InlineData("expired_token", "CODE_EXPIRED")]
    [InlineData("authorization_pending", "CODE_EXPIRED")]
    [InlineData("invalid_grant", "invalid_grant")]
    public async Task Login_ByCodeThatComesToNothing_SaysWhy(string answer, string reason)
    {
        OnDevice(60, [.. Enumerable.Repeat(answer, 20)]);

        var ran = await _machine.RunAsync("login", "--device");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains($"({reason})", ran.Err, StringComparison.Ordinal);
        Assert.False(File.Exists(Settings));
        // A quarter of an hour, as the garden says, and no longer.
        Assert.InRange(_machine.Pauses.Count, 1, 15);
    }

    [Fact]
    public async Task Login_ByCodeInJson_SaysWhatToTypeBesideTheResult()
    {
        OnDevice(5, "");

        var ran = (await _machine.RunAsync("login", "--scope", "read", "--scope", "admin", "--json")).Ok();

        Assert.Equal("BCDF-GHJK", (string?)System.Text.Json.Nodes.JsonNode.Parse(ran.Err)!["login"]!["code"]);
        Assert.Equal("ada", (string?)ran.Json["name"]);
        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync("login", "--scope", "read", "--token", Token)).Code);
    }

    [Fact]
    public async Task Login_ByCodeWhereTheGardenIsAwayForAMoment_GoesOn()
    {
        OnDevice(5, "authorization_pending", "");
        _garden.FailOnce(request => request.Path == "/oauth/token", context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        (await _machine.RunAsync("login", "--device")).Ok();

        Assert.Equal([5, 10, 10], _machine.Pauses.Select(pause => pause.TotalSeconds));
    }

    [Fact]
    public async Task Login_ByCodeInterrupted_EndsAtOnce()
    {
        using var interrupted = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        OnDevice(5, "authorization_pending", "authorization_pending");
        _garden.FailOnce(request => request.Path == "/oauth/token", async context =>
        {
            await interrupted.CancelAsync();
            context.Abort();
        });

        var ran = await _machine.RunAsync(interrupted.Token, "login", "--device");

        Assert.Equal(ExitCodes.Interrupted, ran.Code);
        Assert.False(File.Exists(Settings));
    }

    [Fact]
    public async Task Logout_AfterALoginByCode_EndsTheToken()
    {
        OnDevice(5, "");
        (await _machine.RunAsync("login", "--device")).Ok();
        IFormCollection? revoked = null;
        _garden.OnPath("POST", "/oauth/revoke", async context =>
        {
            revoked = await context.Request.ReadFormAsync();
            await context.Response.WriteAsync("{}");
        });

        var ran = (await _machine.RunAsync("logout")).Ok();

        Assert.Equal((Token, "garden-cli"), (revoked!["token"].ToString(), revoked["client_id"].ToString()));
        Assert.Contains("has ended", ran.Err, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logout_WhereTheGardenIsAway_ForgetsAndSaysThatTheTokenIsGood()
    {
        OnDevice(5, "");
        (await _machine.RunAsync("login", "--device")).Ok();
        var content = await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken);
        _machine.Write(".config/garden/config.json", content.Replace(_garden.Address, "http://127.0.0.1:9", StringComparison.Ordinal));

        var ran = await _machine.RunAsync("logout", "http://127.0.0.1:9");

        Assert.Equal(ExitCodes.NotReachable, ran.Code);
        Assert.Contains("goes on being good", ran.Err, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoAmI_Refused_SaysWhatToDo()
    {
        var ran = await _machine.RunAsync("whoami");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains("next: garden login", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoAmI_RefusedInJson_IsJsonOnTheErrorOutput()
    {
        var ran = await _machine.RunAsync("whoami", "--json");

        Assert.Empty(ran.Out);
        Assert.Equal("BAD_TOKEN", (string?)System.Text.Json.Nodes.JsonNode.Parse(ran.Err)!["error"]!["reason"]);
    }

    [Fact]
    public async Task WhoAmI_NobodyListens_IsNotReachable()
    {
        var ran = await _machine.RunAsync("whoami", "--garden", "http://127.0.0.1:9");

        Assert.Equal(ExitCodes.NotReachable, ran.Code);
        Assert.Contains("127.0.0.1:9", ran.Err, StringComparison.Ordinal);
        Assert.Empty(_machine.Pauses);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"current": 5}""")]
    [InlineData("""{"gardens": {"http://x": {"token": 7}}}""")]
    public async Task Settings_Broken_AreNamed(string content)
    {
        _machine["GARDEN_URL"] = null;
        _machine.Write(".config/garden/config.json", content);

        var ran = await _machine.RunAsync("whoami");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains("config.json cannot be read", ran.Err, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://garden.example")]
    [InlineData("http://user:word@garden.example")]
    [InlineData("http://garden.example/?a=b")]
    [InlineData("  ")]
    public async Task Address_ThatIsNone_IsWrongUsage(string address)
    {
        var ran = await _machine.RunAsync("whoami", "--garden", address);

        Assert.Equal(ExitCodes.Usage, ran.Code);
    }
}
