using ModelGarden.Identity.Pages;
using ModelGarden.Identity.Secrets;

namespace ModelGarden.Identity.Tests;

public sealed class PageTextTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/account/tokens")]
    [InlineData("/acme/m?x=%2F&y=1#part")]
    public void Of_PathOfThisGarden_IsItself(string path) => Assert.Equal(path, LocalPath.Of(path));

    [Theory]
    [InlineData("")]
    [InlineData("account")]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("/a\\b")]
    [InlineData("/\t/evil.example/")]
    [InlineData("/a\r\nSet-Cookie: x=1")]
    [InlineData("/ä")]
    [InlineData("javascript:alert(1)")]
    public void Of_AnythingElse_IsHome(string path) => Assert.Equal(LocalPath.Home, LocalPath.Of(path));

    [Fact]
    public void Of_AnyText_IsOnThisHost()
    {
        var random = new Random(3);
        const string Alphabet = "/\\:@.evil?#%\t\n ";
        var here = new Uri("https://garden.example/");

        for (var i = 0; i < 20_000; i++)
        {
            var path = LocalPath.Of(new string([.. Enumerable.Range(0, random.Next(12)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]));
            Assert.Equal(here.Authority, new Uri(here, path).Authority);
        }

        Assert.Equal(LocalPath.Home, LocalPath.Of("/" + new string('a', 2048)));
    }

    [Fact]
    public void IsWellFormed_OfSecrets_IsTrueAndOfMutationsOnlyInForm()
    {
        var random = new Random(5);

        for (var i = 0; i < 2000; i++)
        {
            var secret = SecretText.Make();
            Assert.True(SecretText.IsWellFormed(secret));
            var changed = secret.ToCharArray();
            changed[random.Next(changed.Length)] = (char)random.Next(0x250);
            Assert.Equal(changed.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'), SecretText.IsWellFormed(new(changed)));
            Assert.False(SecretText.IsWellFormed(secret[..random.Next(43)]));
        }
    }
}
