using System.Text;
using AngleSharp.Html;
using AngleSharp.Html.Parser;
using AngleSharp.Html.Parser.Tokens;
using AngleSharp.Text;

namespace ModelGarden.Markdown;

/// <summary>
/// Reads HTML of strangers tag by tag, as browsers do, and writes anew what is allowed of it. No tree is built: elements that are opened again, moved out of tables or nested without end are what a
/// browser's rules make of few bytes, and what is written cannot be read in another way than it was, for it has no scripts, styles, comments, foreign elements or raw texts.
/// </summary>
internal sealed class HtmlSifter
{
    private readonly StringBuilder _out = new();
    private readonly Dictionary<string, int> _lastEnds = new(StringComparer.Ordinal);
    private readonly OpenElements _open;
    private readonly AttributeSieve _attributes;
    private readonly string _html;
    private readonly int _maximum;
    private string _skipped = "";
    private int _depth;

    private HtmlSifter(string html, RepositoryLinks links, int maximum)
    {
        (_html, _maximum) = (html, maximum);
        (_open, _attributes) = (new(text => _out.Append(text)), new(links));
    }

    /// <summary>Elements were nested too deep, and some left out for it.</summary>
    public bool WasDeep { get; private set; }

    /// <summary>The rest was left out, for it was too long.</summary>
    public bool WasLong { get; private set; }

    public string Html => _out.ToString();

    /// <param name="html">Whatever it is.</param>
    /// <param name="links">Where its addresses lead.</param>
    /// <param name="maximum">How long it may become, but for the tags that end what is open then.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static HtmlSifter Sift(string html, RepositoryLinks links, int maximum, CancellationToken cancellationToken)
    {
        var sifter = new HtmlSifter(html, links, maximum);
        sifter.Run(cancellationToken);
        return sifter;
    }

    private void Run(CancellationToken cancellationToken)
    {
        var tokenizer = new HtmlTokenizer(new TextSource(_html), HtmlEntityProvider.Resolver)
        {
            SkipComments = true,
            SkipProcessingInstructions = true,
            // Others are not even gathered: to find one that comes twice each is held against all.
            ShouldEmitAttribute = static (ref token, name) => AttributeSieve.Names.Contains(name.ToString()),
        };
        for (var token = tokenizer.Get(); token.Type is not HtmlTokenType.EndOfFile && !WasLong; token = tokenizer.Get())
        {
            cancellationToken.ThrowIfCancellationRequested();
            Take(token, tokenizer);
        }

        _open.EndAll();
    }

    private void Take(HtmlToken token, HtmlTokenizer tokenizer)
    {
        if (_skipped.Length > 0)
        {
            _depth += token.Name != _skipped ? 0 : token.Type is HtmlTokenType.StartTag ? 1 : token.Type is HtmlTokenType.EndTag ? -1 : 0;
            _skipped = _depth > 0 ? _skipped : "";
            return;
        }

        switch (token.Type)
        {
            case HtmlTokenType.Character:
                Write(token.Data);
                break;
            case HtmlTokenType.StartTag when AllowedHtml.Foreign.Contains(token.Name):
                Skip(token, tokenizer);
                break;
            case HtmlTokenType.StartTag when AllowedHtml.Elements.Contains(token.Name):
                Begin((HtmlTagToken)token);
                break;
            case HtmlTokenType.EndTag:
                _open.End(token.Name);
                break;
        }
    }

    /// <summary>Leaves out an element with its content; one that has no end goes alone, for the rest of the text is not in it.</summary>
    private void Skip(HtmlToken token, HtmlTokenizer tokenizer)
    {
        var name = token.Name;
        if (((HtmlTagToken)token).IsSelfClosing && name is "svg" or "math")
        {
            return;
        }

        if (!_lastEnds.TryGetValue(name, out var last))
        {
            last = _lastEnds[name] = _html.LastIndexOf($"</{name}", StringComparison.OrdinalIgnoreCase);
        }

        if (token.Position.Index > last)
        {
            return;
        }

        (_skipped, _depth) = (name, 1);
        tokenizer.State = name switch
        {
            "script" => HtmlParseMode.Script,
            "title" or "textarea" => HtmlParseMode.RCData,
            "style" or "xmp" or "iframe" or "noembed" or "noframes" or "noscript" => HtmlParseMode.Rawtext,
            _ => tokenizer.State,
        };
    }

    private void Begin(HtmlTagToken tag)
    {
        if (_attributes.Of(tag) is not { } attributes)
        {
            // An image that is not loaded is what is said instead of it.
            Write(tag.Name is "img" ? tag.GetAttribute("alt") : "");
            return;
        }

        if (!_open.MakeRoom(tag.Name))
        {
            return;
        }

        var isEmpty = AllowedHtml.Empty.Contains(tag.Name);
        if (!isEmpty && _open.IsDeep)
        {
            WasDeep = true;
            return;
        }

        WriteTag(tag.Name, attributes);
        if (!isEmpty)
        {
            _open.Begin(tag.Name);
        }
    }

    private void WriteTag(string name, IReadOnlyList<(string Name, string Value)> attributes)
    {
        _out.Append('<').Append(name);
        foreach (var (attribute, value) in attributes)
        {
            _out.Append(' ').Append(attribute).Append("=\"");
            Escape(value);
            _out.Append('"');
        }

        _out.Append('>');
        WasLong |= _out.Length > _maximum;
    }

    private void Write(string? text)
    {
        var room = _maximum - _out.Length;
        if (text?.Length > room)
        {
            WasLong = true;
            text = text[..(room > 0 && char.IsHighSurrogate(text[room - 1]) ? room - 1 : room)];
        }

        Escape(text ?? "");
        WasLong |= _out.Length > _maximum;
    }

    private void Escape(string text)
    {
        foreach (var character in text)
        {
            _ = character switch
            {
                '&' => _out.Append("&amp;"),
                '<' => _out.Append("&lt;"),
                '>' => _out.Append("&gt;"),
                '"' => _out.Append("&quot;"),
                '\n' or '\t' => _out.Append(character),
                _ when char.IsControl(character) => _out,
                _ => _out.Append(character),
            };
        }
    }
}
