namespace ModelGarden.Markdown.Tests;

public sealed class LinkTests
{
    [Theory]
    [InlineData("docs/use.md", "/acme/llama/blob/main/docs/use.md")]
    [InlineData("./docs/./a/../use.md#Part-2", "/acme/llama/blob/main/docs/use.md#Part-2")]
    [InlineData("/docs/use.md?raw=true", "/acme/llama/blob/main/docs/use.md")]
    [InlineData("a b&c.md", "/acme/llama/blob/main/a%20b%26c.md")]
    [InlineData("a%20b.md", "/acme/llama/blob/main/a%20b.md")]
    [InlineData("100%.md", "/acme/llama/blob/main/100%25.md")]
    [InlineData("ü/日本.md", "/acme/llama/blob/main/%C3%BC/%E6%97%A5%E6%9C%AC.md")]
    [InlineData("a\\b.md", "/acme/llama/blob/main/a/b.md")]
    [InlineData("./a:b.md", "/acme/llama/blob/main/a%3Ab.md")]
    [InlineData("/acme/llama/resolve/main/a.bin", "/acme/llama/blob/main/a.bin")]
    [InlineData("//a.example/b", "https://a.example/b")]
    [InlineData("\\\\a.example/b", "https://a.example/b")]
    [InlineData(" https://a.example/b ", "https://a.example/b")]
    [InlineData("HTTP://a.example", "HTTP://a.example")]
    [InlineData("mailto:ann@a.example", "mailto:ann@a.example")]
    public void Link_ThatMayBeFollowed_LeadsThere(string target, string address) => Assert.Equal(address, Sound.Links.Link(target));

    [Theory]
    [InlineData("../other")]
    [InlineData("a/../../other")]
    [InlineData("%2e%2e/other")]
    [InlineData("a/%2E./%2e%2E/other")]
    [InlineData("..%2fother")]
    [InlineData("..\\other")]
    [InlineData("..%5Cother")]
    [InlineData("/../../api/whoami-v2")]
    [InlineData("/acme/llama/blob/main/../../../../api")]
    [InlineData("a%00b")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("?a=b")]
    [InlineData("javascript:alert(1)")]
    [InlineData("JaVaScRiPt:alert(1)")]
    [InlineData(" java\tscript\n:alert(1)")]
    [InlineData("\u0001javascript:alert(1)")]
    [InlineData("\u00a0javascript:alert(1)")]
    [InlineData("data:text/html,<script>alert(1)</script>")]
    [InlineData("vbscript:x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("blob:https://a.example/1")]
    [InlineData("https:api/whoami-v2")]
    [InlineData("https:///a.example")]
    [InlineData("https:\\\\a.example")]
    [InlineData("http:")]
    [InlineData("mailto:")]
    [InlineData(":a")]
    public void Link_ThatMayNotBeFollowed_IsNone(string target) => Assert.Null(Sound.Links.Link(target));

    [Theory]
    [InlineData("img/a.png", "/acme/llama/resolve/main/img/a.png")]
    [InlineData("/img/a.png", "/acme/llama/resolve/main/img/a.png")]
    [InlineData("/acme/llama/blob/main/a.png", "/acme/llama/resolve/main/a.png")]
    [InlineData("https://a.example/a.png", "https://a.example/a.png")]
    [InlineData("//a.example/a.png", "https://a.example/a.png")]
    [InlineData("http://a.example/a.png", null)]
    [InlineData("data:image/svg+xml;base64,AAAA", null)]
    [InlineData("mailto:a@b.example", null)]
    [InlineData("../a.png", null)]
    public void Image_IsOfHttpsOrOfTheRepository(string target, string? address) => Assert.Equal(address, Sound.Links.Image(target));

    [Fact]
    public void Link_OfADataSetAtABranchWithASlash_HasOneSegmentForIt() =>
        Assert.Equal("/datasets/acme/texts/blob/refs%2Fpr%2F1/a", new RepositoryLinks("/datasets/acme/texts", "refs/pr/1").Link("a"));

    [Fact]
    public void Link_LongerThanIsKept_IsNone()
    {
        Assert.NotNull(Sound.Links.Link(new('a', 1000)));
        Assert.Null(Sound.Links.Link(new('a', RepositoryLinks.MaximumLength + 1)));
        Assert.Null(Sound.Links.Link(new('ü', 1000)));
    }
}
