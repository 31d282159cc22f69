namespace ModelGarden.Markdown.Tests;

/// <summary>What has been tried against pages that show strangers' text. Whatever is left of it is sound; what is dangerous in it is gone.</summary>
public sealed class HostileTests
{
    [Theory]
    [InlineData("<script>alert(1)</script>a", "alert")]
    [InlineData("<ScRiPt\n>alert(1)</sCrIpT >", "alert")]
    [InlineData("<script/x>alert(1)</script/y>", "alert")]
    [InlineData("<<script>alert(1)//<</script>", "alert")]
    [InlineData("<scr<script>ipt>alert(1)</scr</script>ipt>", "<script")]
    [InlineData("a <script><!--<script></script>alert(1)--></script> b", "alert")]
    [InlineData("<img src=x onerror=alert(1)>", "onerror")]
    [InlineData("<img src=x\nonerror\n=\nalert(1)>", "onerror=")]
    [InlineData("<img/src=x/onerror=alert(1)>", "onerror=")]
    [InlineData("<img \"\"\"><script>alert(1)</script>\">", "alert")]
    [InlineData("<img src=\"javascript:alert(1)\">", "javascript")]
    [InlineData("<img src=data:image/svg+xml,<svg/onload=alert(1)>>", "data:")]
    [InlineData("<img src=https://a.example/a.png srcset=\"javascript:alert(1) 2x\">", "srcset")]
    [InlineData("<a href=\"javascript:alert(1)\">a</a>", "javascript")]
    [InlineData("<a href=\"jav&#x09;ascript:alert(1)\">a</a>", "alert")]
    [InlineData("<a href=\"&#106;avascript&colon;alert(1)\">a</a>", "alert")]
    [InlineData("<a href=\"java\0script:alert(1)\">a</a>", "alert")]
    [InlineData("<a href='vbscript:msgbox(1)' onclick='x()'>a</a>", "x()")]
    [InlineData("<a href=data:text/html;base64,PHNjcmlwdD4=>a</a>", "data:")]
    [InlineData("<a xlink:href=\"javascript:alert(1)\">a</a>", "alert")]
    [InlineData("<a href=https://a.example target=_top rel=opener>a</a>", "target")]
    [InlineData("[a](javascript:alert(1))", "href")]
    [InlineData("[a](<java\tscript:alert(1)>)", "href")]
    [InlineData("[a](JAVASCRIPT&colon;alert(1))", "href")]
    [InlineData("[a](data:text/html;base64,PHNjcmlwdD4=)", "href")]
    [InlineData("![a](javascript:alert(1))", "src")]
    [InlineData("![a](data:image/png;base64,AAAA)", "src")]
    [InlineData("![a\"onerror=\"alert(1)](https://a.example/x)", "\"onerror")]
    [InlineData("[a](https://a.example \"x\\\" onmouseover=alert(1) y=\\\"\")", "\" onmouseover")]
    [InlineData("[a]: javascript:alert(1)\n\n[a]", "href")]
    [InlineData("<javascript:alert(1)>", "href")]
    [InlineData("```x\"onload=\"alert(1)\na\n```", "class=")]
    [InlineData("```<script>\nalert\n```", "<script")]
    [InlineData("| a |\n|---|\n| <script>alert(1)</script> |", "alert")]
    [InlineData("<svg onload=alert(1)><circle/></svg>", "svg")]
    [InlineData("<svg><script>alert(1)</script></svg>", "alert")]
    [InlineData("<svg><![CDATA[</svg><img src=x onerror=alert(1)>]]></svg>", "onerror")]
    [InlineData("<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">", "onerror")]
    [InlineData("<svg><a xlink:href=\"javascript:alert(1)\"><text>a</text></a></svg>", "javascript")]
    [InlineData("<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">", "<img src=1")]
    [InlineData("<math><mi xlink:href=\"data:x,<script>alert(1)</script>\">", "<script")]
    [InlineData("<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>", "<form")]
    [InlineData("<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">", "onerror=alert(1)>\"")]
    [InlineData("<title><p title=\"</title><img src=x onerror=alert(1)>\">", "<title")]
    [InlineData("<textarea><p title=\"</textarea><img src=x onerror=alert(1)>\">", "<textarea")]
    [InlineData("<xmp><p title=\"</xmp><svg/onload=alert(1)>\">", "<svg")]
    [InlineData("<plaintext><img src=x onerror=alert(1)>", "<plaintext")]
    [InlineData("<template><script>alert(1)</script></template>", "alert")]
    [InlineData("<iframe src=https://a.example></iframe>", "iframe")]
    [InlineData("<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>", "srcdoc")]
    [InlineData("<object data=x.swf></object><embed src=x.swf><applet code=X></applet>", "swf")]
    [InlineData("<frameset><frame src=x></frameset>", "frame")]
    [InlineData("<form action=https://a.example><input name=q><button formaction=javascript:alert(1)>a</button></form>", "action")]
    [InlineData("<input type=image src=x onerror=alert(1)>", "input")]
    [InlineData("<input type=text value=1 autofocus onfocus=alert(1)>", "input")]
    [InlineData("<isindex action=javascript:alert(1)>", "action")]
    [InlineData("<select><option>a</select><style>*{}</style>", "*{}")]
    [InlineData("<style>@import 'https://a.example';</style>", "import")]
    [InlineData("<p style=\"background:url(https://a.example)\">a</p>", "url")]
    [InlineData("<p style=\"text-align:center;position:fixed\">a</p>", "fixed")]
    [InlineData("<link rel=stylesheet href=https://a.example>", "link")]
    [InlineData("<meta http-equiv=refresh content=\"0;url=https://a.example\">", "refresh")]
    [InlineData("<base href=https://a.example/>", "base")]
    [InlineData("<!-- <img src=x onerror=alert(1)> -->", "onerror")]
    [InlineData("<!--> <img src=x onerror=alert(1)> -->", "onerror")]
    [InlineData("<![CDATA[<img src=x onerror=alert(1)>]]>", "onerror")]
    [InlineData("<?xml <img src=x onerror=alert(1)> ?>", "onerror")]
    [InlineData("<!DOCTYPE html [<!ENTITY x \"y\">]>", "ENTITY")]
    [InlineData("<p id=cookie name=body class=\"modal login\">a</p>", "\"cookie\"")]
    [InlineData("<a name=getElementById></a><img name=x src=https://a.example/a.png>", " name=")]
    [InlineData("<div onclick=alert(1) ONMOUSEOVER=alert(2) on\0click=alert(3)>a</div>", "alert")]
    [InlineData("<div/onclick=alert(1)//>a", "onclick")]
    [InlineData("<video src=x onerror=alert(1)><source onerror=alert(2)></video><audio src=x onerror=alert(3)></audio>", "alert")]
    [InlineData("<marquee onstart=alert(1)>a</marquee><keygen autofocus onfocus=alert(1)>", "alert")]
    [InlineData("<details ontoggle=alert(1) open>a</details>", "ontoggle")]
    [InlineData("<table background=javascript:alert(1)><tr><td background=x>a</table>", "background")]
    [InlineData("<map name=m><area href=javascript:alert(1)></map><img usemap=#m src=a.png>", "usemap")]
    [InlineData("<dialog open>a</dialog><slot name=x></slot><portal src=x></portal>", "dialog")]
    [InlineData("<x:script xmlns:x=\"http://www.w3.org/1999/xhtml\">a</x:script>", "xmlns")]
    [InlineData("<a href=\"https://a.example\"\"onclick=alert(1)\">a</a>", "onclick")]
    [InlineData("<a href=`javascript:alert(1)`>a</a>", "href")]
    [InlineData("<img alt=\"`><script>alert(1)</script>\"src=\"`https://a.example\">", "<script")]
    [InlineData("\u2028<script\u00a0>alert(1)</script>", "<script")]
    [InlineData("<div id=\"x\" id=\"user-content-y\" ID=z>a</div>", "\"x\"")]
    public void Render_Attack_LeavesNothingOfIt(string text, string gone)
    {
        // In Markdown some of it is no HTML, and stays as the text that it is; as HTML alone all of it is.
        Assert.DoesNotContain(gone, Sound.Markup(Sound.Html(text)), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(gone, Sound.Sift(text), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("before <svg> after")]
    [InlineData("before <select> <title> <script> after")]
    [InlineData("before <textarea <b>after</b>")]
    public void Render_ForeignElementWithoutAnEnd_TakesNothingAlong(string text) => Assert.Contains("after", Sound.Html(text), StringComparison.Ordinal);

    [Theory]
    [InlineData(182)]
    [InlineData(200)]
    [InlineData(201)]
    public void Render_LongNames_AreKeptOrNotTwice(int length) =>
        Assert.Equal(length <= 200 ? 2 : 0, Sound.Html($"<a id=\"{new string('n', length)}\" href=\"#{new string('n', length)}\">a</a>").Split("user-content-n").Length - 1);

    [Fact]
    public void Render_HalfACharacter_IsReplaced() => Assert.Contains("https://a.example/%EF%BF%BD", Sound.Html("<https://a.example/\ud800>"), StringComparison.Ordinal);

    [Fact]
    public void Render_ElementsThatWouldEndThePagesOwn_StayInside()
    {
        var html = Sound.Html("</div></main><li>a</li><td>b</td><tr><dd>c</dd></table></body></html>\n\nd");

        Assert.Equal("main", Sound.Parse(html).ParentElement!.LocalName);
        Assert.DoesNotContain("<li", html, StringComparison.Ordinal);
    }
}
