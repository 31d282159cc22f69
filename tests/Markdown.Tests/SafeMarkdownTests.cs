namespace ModelGarden.Markdown.Tests;

/// <summary>Markdown becomes what CommonMark and GitHub's additions say, and what cards write in HTML stays as far as it is harmless.</summary>
public sealed class SafeMarkdownTests
{
    [Theory]
    [InlineData("# A *b* `c`", "<h1 id=\"user-content-a-b-c\">A <em>b</em> <code>c</code></h1>\n")]
    [InlineData("# One\n\nTwo\n---\n\n# One\n", "<h1 id=\"user-content-one\">One</h1>\n<h2 id=\"user-content-two\">Two</h2>\n<h1 id=\"user-content-one-1\">One</h1>\n")]
    [InlineData("# Ünï & cödé!", "<h1 id=\"user-content-ünï--cödé\">Ünï &amp; cödé!</h1>\n")]
    [InlineData("a\nb  \nc\n\nd", "<p>a\nb<br>\nc</p>\n<p>d</p>\n")]
    [InlineData("**a** _b_ ~~c~~ \\*d\\*", "<p><strong>a</strong> <em>b</em> <del>c</del> *d*</p>\n")]
    [InlineData("> a\n> - b\n>   1. c", "<blockquote>\n<p>a</p>\n<ul>\n<li>b\n<ol>\n<li>c</li>\n</ol>\n</li>\n</ul>\n</blockquote>\n")]
    [InlineData("3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>\n")]
    [InlineData("```python\nif a < b & c:\n```", "<pre><code class=\"language-python\">if a &lt; b &amp; c:\n</code></pre>\n")]
    [InlineData("    <b>code</b>", "<pre><code>&lt;b&gt;code&lt;/b&gt;\n</code></pre>\n")]
    [InlineData("``a ` b``", "<p><code>a ` b</code></p>\n")]
    [InlineData("a\n\n***\n\nb", "<p>a</p>\n<hr>\n<p>b</p>\n")]
    [InlineData("&copy; &lt;b&gt; &#x41;", "<p>© &lt;b&gt; A</p>\n")]
    [InlineData("- [ ] a\n- [x] b", "<ul class=\"contains-task-list\">\n<li class=\"task-list-item\"><input type=\"checkbox\" disabled=\"\"> a</li>\n<li class=\"task-list-item\"><input type=\"checkbox\" disabled=\"\" checked=\"\"> b</li>\n</ul>\n")]
    [InlineData("<https://a.example/?b=1&c=2>", "<p><a href=\"https://a.example/?b=1&amp;c=2\" rel=\"nofollow noopener noreferrer ugc\">https://a.example/?b=1&amp;c=2</a></p>\n")]
    [InlineData("see https://a.example/b.", "<p>see <a href=\"https://a.example/b\" rel=\"nofollow noopener noreferrer ugc\">https://a.example/b</a>.</p>\n")]
    [InlineData("[a](https://a.example \"t\")", "<p><a title=\"t\" href=\"https://a.example\" rel=\"nofollow noopener noreferrer ugc\">a</a></p>\n")]
    [InlineData("[a][b]\n\n[b]: https://a.example", "<p><a href=\"https://a.example\" rel=\"nofollow noopener noreferrer ugc\">a</a></p>\n")]
    [InlineData("[a](#Usage-2)", "<p><a href=\"#user-content-Usage-2\">a</a></p>\n")]
    [InlineData("", "")]
    [InlineData("\0a\u0001b", "<p>\ufffdab</p>\n")]
    public void Render_Markdown_IsAsSpecified(string text, string html) => Assert.Equal(html, Sound.Html(text));

    [Fact]
    public void Render_Table_KeepsItsAlignment() => Assert.Equal(
        "<table>\n<thead>\n<tr>\n<th align=\"left\">a</th>\n<th align=\"center\">b</th>\n<th>c</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td align=\"left\">1</td>\n<td align=\"center\"><strong>2</strong></td>\n<td>3 | 4</td>\n</tr>\n</tbody>\n</table>\n",
        Sound.Html("| a | b | c |\n| :-- | :-: | --- |\n| 1 | **2** | 3 \\| 4 |\n"));

    [Fact]
    public void Render_Footnotes_LeadToOneAnother()
    {
        var page = Sound.Parse(Sound.Html("Said[^1].\n\n[^1]: By whom.\n"));

        var (there, back) = (page.QuerySelector("a.footnote-ref")!, page.QuerySelector("a.footnote-back-ref")!);
        Assert.Equal($"#{page.QuerySelector("div.footnotes li")!.Id}", there.GetAttribute("href"));
        Assert.Equal($"#{there.Id}", back.GetAttribute("href"));
        Assert.StartsWith("user-content-fn", there.Id, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<div align=\"center\">\n\n# T\n\n</div>", "<div align=\"center\">\n<h1 id=\"user-content-t\">T</h1>\n</div>\n")]
    [InlineData("<p style=\"color: red; TEXT-ALIGN: center\">a</p>", "<p align=\"center\">a</p>\n")]
    [InlineData("H<sub>2</sub>O x<sup>2</sup> <kbd>Ctrl</kbd> a<br/>b", "<p>H<sub>2</sub>O x<sup>2</sup> <kbd>Ctrl</kbd> a<br>b</p>\n")]
    [InlineData("<details open><summary>More</summary>\n\n*in*\n\n</details>", "<details open=\"\"><summary>More</summary>\n<p><em>in</em></p>\n</details>\n")]
    [InlineData("<img src=\"https://a.example/b.png\" width=\"200px\" height=50% alt='a \"b\"' onerror=x>", "<img src=\"https://a.example/b.png\" alt=\"a &quot;b&quot;\" width=\"200\" height=\"50%\" loading=\"lazy\" referrerpolicy=\"no-referrer\">\n")]
    [InlineData("<picture><source srcset=\"x 2x\"><img src=\"a.png\"></picture>", "<p><img src=\"/acme/llama/resolve/main/a.png\" loading=\"lazy\" referrerpolicy=\"no-referrer\"></p>\n")]
    [InlineData("<table><tr><td colspan=2 valign=TOP>a<td>b<tr><td>c</table>", "<table><tr><td colspan=\"2\" valign=\"top\">a</td><td>b</td></tr><tr><td>c</td></tr></table>\n")]
    [InlineData("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>\n")]
    [InlineData("<a id=\"top\" name=\"x\"></a><a name=\"old\"></a>", "<p><a id=\"user-content-top\"></a><a id=\"user-content-old\"></a></p>\n")]
    [InlineData("<font color=red>a</font> <custom-tag>b</custom-tag>", "<p>a b</p>\n")]
    [InlineData("<div>\n<p>open\n\nnext", "<div>\n<p>open\n</p><p>next</p>\n</div>")]
    [InlineData("a </div></section> b", "<p>a  b</p>\n")]
    public void Render_HtmlOfCards_StaysWhereItIsAllowed(string text, string html) => Assert.Equal(html, Sound.Html(text));

    [Fact]
    public void Render_FrontMatterLikeText_IsTextHere() => Assert.Equal("<hr>\n<h2 id=\"user-content-a-1\">a: 1</h2>\n", Sound.Html("---\na: 1\n---\n"));
}
