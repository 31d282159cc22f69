namespace ModelGarden.Kernel.Tests;

public sealed class TextTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("plain é 模型 👩‍💻", "plain é 模型 👩‍💻")]
    [InlineData("a\nb\r\u001b[31m\0\u007f\u0085", "a\uFFFDb\uFFFD\uFFFD[31m\uFFFD\uFFFD\uFFFD")]
    [InlineData("a\u2028b\u2029c", "a\uFFFDb\uFFFDc")]
    [InlineData("evil\u202Etxt.exe\u2066\u200F", "evil\uFFFDtxt.exe\uFFFD\uFFFD")]
    public void Shorten_ShortText_IsMadeSafe(string? text, string safe) => Assert.Equal(safe, Text.Shorten(text));

    [Fact]
    public void Shorten_LoneSurrogate_IsReplaced() => Assert.Equal("a\uFFFDb", Text.Shorten("a" + '\uD83D' + "b"));

    [Fact]
    public void Shorten_LongText_IsCut()
    {
        Assert.Equal(new string('x', 80), Text.Shorten(new('x', 80)));
        Assert.Equal(new string('x', 80) + "…", Text.Shorten(new('x', 81)));
        Assert.Equal("abc…", Text.Shorten("abcdef", 3));
        Assert.Equal("…", Text.Shorten("abcdef", 0));
    }

    [Fact]
    public void Shorten_CutInsideACharacter_LeavesItOut()
    {
        Assert.Equal("ab…", Text.Shorten("ab😀cd", 3));
        Assert.Equal("ab😀…", Text.Shorten("ab😀cd", 4));
    }
}
