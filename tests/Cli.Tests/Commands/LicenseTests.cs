using ModelGarden.Cli.Tests.Doubles;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Tests.Commands;

public sealed class LicenseTests : IAsyncLifetime
{
    private static readonly string Digest = new('d', 64);
    private GardenDouble _garden = null!;
    private Machine _machine = null!;
    private AcceptLicenseRequest? _accepted;

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenDouble.StartAsync();
        _machine = new(_garden);
        _garden.On<GetLicenseRequest>("GetLicense", request => new License
        {
            Id = request.Id, Title = "The Licence", Text = "Thou shalt\nnot steal.", TextSha256 = Digest, Version = 2, RequiresAcceptance = true,
        });
        _garden.On<AcceptLicenseRequest>("AcceptLicense", request =>
        {
            _accepted = request;
            return new Acceptance { Id = "a1", License = request.Id, LicenseVersion = 2, Tenant = "acme", Account = "ada", Purpose = request.Purpose };
        });
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
    }

    [Fact]
    public async Task Licences_AsBritonsSpellIt_IsTheSameCommand() =>
        Assert.Equal((await _machine.RunAsync("licenses", "show", "kjv-1.0")).Ok().Out, (await _machine.RunAsync("licences", "show", "kjv-1.0")).Ok().Out);

    [Fact]
    public async Task List_Licences_SaysWhichNeedAcceptance()
    {
        _garden.On<ListLicensesRequest>("ListLicenses", _ => new ListLicensesResponse
        {
            Licenses = { new License { Id = "mit", Title = "MIT", Version = 1 }, new License { Id = "kjv-1.0", Title = "The Licence", Version = 2, RequiresAcceptance = true } },
        });

        var table = (await _machine.RunAsync("licenses", "list")).Ok();
        var json = (await _machine.RunAsync("licenses", "list", "--json")).Ok();

        Assert.Contains("mit      MIT          1        not needed\nkjv-1.0  The Licence  2        needed\n", table.Out, StringComparison.Ordinal);
        Assert.Equal("kjv-1.0", (string?)json.Json["licenses"]![1]!["id"]);
    }

    [Fact]
    public async Task Show_ALicence_PrintsItsText()
    {
        var ran = (await _machine.RunAsync("licenses", "show", "KJV-1.0")).Ok();

        Assert.EndsWith("\nThou shalt\nnot steal.\n", ran.Out, StringComparison.Ordinal);
        Assert.Contains(Digest, ran.Out, StringComparison.Ordinal);
        Assert.Equal("/garden/v1/licenses/kjv-1.0", _garden.Requests.Single().Path);
    }

    [Fact]
    public async Task Accept_AnsweredYes_SendsTheDigestOfTheTextShown()
    {
        (_machine.IsInteractive, _machine.Input) = (true, "y\n");

        var ran = (await _machine.RunAsync("licenses", "accept", "kjv-1.0", "--purpose", "tests")).Ok();

        Assert.Equal(new AcceptLicenseRequest { Id = "kjv-1.0", TextSha256 = Digest, Purpose = "tests" }, _accepted);
        Assert.Contains($"The Licence, version 2, sha256 {Digest}", ran.Err, StringComparison.Ordinal);
        Assert.Contains("kjv-1.0, version 2", ran.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("n\n")]
    [InlineData("\n")]
    [InlineData("")]
    public async Task Accept_AnsweredOtherwise_DoesNothing(string answer)
    {
        (_machine.IsInteractive, _machine.Input) = (true, answer);

        var ran = await _machine.RunAsync("licenses", "accept", "kjv-1.0");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Null(_accepted);
    }

    [Fact]
    public async Task Accept_NobodyToAnswer_WantsYes()
    {
        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync("licenses", "accept", "kjv-1.0")).Code);
        Assert.Null(_accepted);

        Assert.Equal("a1", (string?)(await _machine.RunAsync("licenses", "accept", "kjv-1.0", "--yes", "--json")).Ok().Json["id"]);
    }

    [Fact]
    public async Task Accept_TextChangedMeanwhile_IsRefused()
    {
        _garden.Refuse("AcceptLicense", 409, "TEXT_CHANGED", "the text is another one now");

        var ran = await _machine.RunAsync("licenses", "accept", "kjv-1.0", "--yes");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains("(TEXT_CHANGED)", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_IdThatLeadsElsewhere_IsWrongUsage()
    {
        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync("licenses", "show", "../tokens")).Code);
        Assert.Empty(_garden.Requests);
    }
}
