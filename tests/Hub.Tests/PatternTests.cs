using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Uploads;

namespace ModelGarden.Hub.Tests;

public sealed class PatternTests
{
    [Theory]
    [InlineData("*.bin", "a.bin", true)]
    [InlineData("*.bin", "x/y/a.bin", true)]
    [InlineData("*.bin", "a.binx", false)]
    [InlineData("/a.bin", "x/a.bin", false)]
    [InlineData("/a.bin", "a.bin", true)]
    [InlineData("x/*.bin", "x/a.bin", true)]
    [InlineData("x/*.bin", "x/y/a.bin", false)]
    [InlineData("x/**/a", "x/a", true)]
    [InlineData("x/**/a", "x/y/z/a", true)]
    [InlineData("x/**", "x/y/z", true)]
    [InlineData("x/**", "x", false)]
    [InlineData("**/a", "a", true)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "a/c", false)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[!a-c]x", "bx", false)]
    [InlineData("[]]x", "]x", true)]
    [InlineData("a[[:space:]]b", "a b", true)]
    [InlineData("[abc", "[abc", true)]
    [InlineData("a\\*b", "a*b", true)]
    [InlineData("a\\*b", "axb", false)]
    [InlineData("*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    [InlineData("**", "a/b", true)]
    public void GitPattern_AsGitHasIt_Matches(string pattern, string path, bool matches) => Assert.Equal(matches, GitPattern.Parse(pattern).Matches(path));

    [Fact]
    public void GitAttributes_LastRule_Wins()
    {
        var rules = GitAttributes.Parse("# comment\n*.txt filter=lfs -text\nsmall.txt !filter\n\"a b\" filter=lfs\n*.md text\n");

        Assert.Equal([true, false, true, null, null], new[] { "x.txt", "small.txt", "a b", "x.md", "x" }.Select(rules.IsLarge));
    }

    [Theory]
    [InlineData("/a/b%2Fc/d?x=%2F#y", "a|b/c|d")]
    [InlineData("http://host/a/%C3%BC", "a|ü")]
    [InlineData("http://host", "")]
    [InlineData("/a%2525/+", "a%25|+")]
    [InlineData("//a/", "a|")]
    public void RawPath_Escapes_AreDecodedOnceAfterSplitting(string target, string segments) => Assert.Equal(segments, string.Join('|', RawPath.Parse(target).Value));

    [Theory]
    [InlineData("/%")]
    [InlineData("/%4")]
    [InlineData("/%C3")]
    [InlineData("/%ED%A0%80")]
    [InlineData("/%0a")]
    public void RawPath_Broken_IsRefused(string target) => Assert.Equal("BAD_URL", RawPath.Parse(target).Error?.Reason);
}
