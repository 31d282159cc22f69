using Microsoft.Extensions.Options;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

public sealed class IdentityOptionsTests
{
    [Theory]
    [InlineData("too-short")]
    [InlineData("long enough but with spaces")]
    public async Task Start_AdminTokenThatCannotBe_SaysWhatToSet(string token)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(async () =>
        {
            await using var garden = await TestGarden.StartAsync(null, null, new Dictionary<string, string> { ["AdminToken"] = token }, IdentityModule.Definition);
        });

        Assert.Contains("Garden:AdminToken", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Garden__AdminToken", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(token, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PasswordRounds", "99999")]
    [InlineData("SessionIdle", "00:04:59")]
    [InlineData("SessionLifetime", "30.00:00:01")]
    public async Task Start_SettingOutOfItsRange_SaysWhatToSet(string setting, string value)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(async () =>
        {
            await using var garden = await TestGarden.StartAsync(null, null, new Dictionary<string, string> { [setting] = value }, IdentityModule.Definition);
        });

        Assert.Contains($"Garden:{setting} is {value}", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"Garden__{setting}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_NoAdminToken_HasNoSuchCredential()
    {
        await using var garden = await TestGarden.StartAsync(IdentityModule.Definition);
        var gateway = new Contracts.V1.Identity.IdentityClient(garden.As(People.Service("gateway"), "identity"));

        await IdentityGarden.RefusedAsync(
            ErrorCode.Unauthenticated, "BAD_TOKEN", gateway.AuthenticateAsync(new() { Credential = " " }, cancellationToken: TestContext.Current.CancellationToken));
    }
}
