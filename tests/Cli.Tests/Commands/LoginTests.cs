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

        var ran = (await _machine.RunAsync("login")).Ok();

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
