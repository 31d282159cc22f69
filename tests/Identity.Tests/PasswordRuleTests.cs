using ModelGarden.Identity.Passwords;

namespace ModelGarden.Identity.Tests;

public sealed class PasswordRuleTests
{
    [Theory]
    [InlineData("plum harbour lantern")]
    [InlineData("aaaaaaaaaaab?x")]
    [InlineData("739201846251")]
    [InlineData("пароль из слов")]
    [InlineData("winter flower garden")]
    [InlineData("            x")]
    public void Refusal_OfWhatIsLongAndUncommon_IsNone(string password) => Assert.Null(PasswordRule.Refusal(password));

    [Theory]
    [InlineData("elevenchars")]
    [InlineData("")]
    [InlineData("tab\tin the middle")]
    public void Refusal_OfWhatIsShortOrCannotBeTyped_SaysSo(string password) => Assert.Equal("BAD_PASSWORD", PasswordRule.Refusal(password)!.Reason);

    [Fact]
    public void Refusal_OfLength_CountsCodePoints()
    {
        Assert.Equal("BAD_PASSWORD", PasswordRule.Refusal(string.Concat(Enumerable.Repeat("🌱🌻", 5)))!.Reason);
        Assert.Null(PasswordRule.Refusal("🌱🌻🌷🌹🌺🌸🌼🍀🌿🍁🍂🍃"));
        Assert.Null(PasswordRule.Refusal(string.Concat(Enumerable.Range(0, 128).Select(i => (char)('a' + (i * i % 23))))));
        Assert.Equal("BAD_PASSWORD", PasswordRule.Refusal(new string('é', 129))!.Reason);
        Assert.Equal("BAD_PASSWORD", PasswordRule.Refusal(new string('x', 1_000_000))!.Reason);
    }

    [Theory]
    [InlineData("password1234")]
    [InlineData("Password123!")]
    [InlineData("P@ssw0rd2026!")]
    [InlineData("adminpassword")]
    [InlineData("password-password")]
    [InlineData("123456789012")]
    [InlineData("qwertyuiop12")]
    [InlineData("1qaz2wsx3edc")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("abcabcabcabc")]
    [InlineData("summer2026!!")]
    [InlineData("CorrectHorseBatteryStaple")]
    [InlineData("modelgarden1")]
    public void Refusal_OfWhatIsTriedFirst_SaysSo(string password) => Assert.Equal("COMMON_PASSWORD", PasswordRule.Refusal(password)!.Reason);

    [Theory]
    [InlineData("wilhelmina12")]
    [InlineData("Wilhelmina-Okonkwo")]
    [InlineData("w.okonkwo@acme.example")]
    [InlineData("0konkw0okonkwo")]
    public void Refusal_OfOnesOwnName_SaysSo(string password) =>
        Assert.Equal("COMMON_PASSWORD", PasswordRule.Refusal(password, "wilhelmina", "Wilhelmina Okonkwo", "w.okonkwo@acme.example")!.Reason);

    [Fact]
    public void Refusal_OfAnything_IsGivenInTime()
    {
        var random = new Random(7);

        Assert.All(Enumerable.Range(0, 2000), _ => PasswordRule.Refusal(new string([.. Enumerable.Range(0, random.Next(140)).Select(_ => (char)random.Next(0x3000))]), "ann"));
    }
}
