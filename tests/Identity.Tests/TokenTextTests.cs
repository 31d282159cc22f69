using ModelGarden.Identity.Tokens;

namespace ModelGarden.Identity.Tests;

public sealed class TokenTextTests
{
    [Fact]
    public void Make_ManyTimes_IsWellFormedAndNeverTheSame()
    {
        var made = Enumerable.Range(0, 1000).Select(_ => TokenText.Make()).ToList();

        Assert.All(made, token => Assert.True(TokenText.IsWellFormed(token)));
        Assert.All(made, token => Assert.Matches(@"\Ahf_garden_[0-9A-Za-z]{33}\z", token));
        Assert.Equal(made.Count, made.Distinct().Count());
    }

    [Fact]
    public void IsWellFormed_AnyCharacterMistyped_IsNot()
    {
        var token = TokenText.Make();
        for (var i = TokenText.Prefix.Length; i < token.Length; i++)
        {
            Assert.False(TokenText.IsWellFormed(token[..i] + (token[i] is 'x' ? 'y' : 'x') + token[(i + 1)..]));
        }
    }

    [Fact]
    public void IsWellFormed_KnownToken_KeepsItsChecksumForEver() =>
        // CRC-32 of the 37 characters in front, computed with zlib.
        Assert.True(TokenText.IsWellFormed("hf_garden_0123456789ABCDEFGHIJKLMNOPQ3Cw5yp"));

    [Theory]
    [InlineData("")]
    [InlineData("hf_garden_")]
    [InlineData("hf_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijk")]
    public void IsWellFormed_OtherText_IsNot(string text) => Assert.False(TokenText.IsWellFormed(text));
}
