using System.Text;
using System.Text.RegularExpressions;

namespace ModelGarden.Formats.Scans;

/// <summary>
/// Says that there is Python, which runs only when somebody trusts it, and looks for what no model needs: commands, decoded text that is run, sockets, ways
/// around names. It reads lines, it does not understand them.
/// </summary>
internal sealed partial class PythonScanner(Findings findings, bool isNotebook = false) : IScanner
{
    private const int Maximum = 10;
    private readonly HashSet<string> _said = [];
    private bool _hasCode = !isNotebook;

    public static bool Takes(Content content) => content.IsCalled(".py", ".pyw", ".pyi") || IsScript(content.Reader.Peek(64));

    public void Look(ReadOnlySpan<char> text, int begin, int end, long offset)
    {
        _hasCode |= end > begin;
        if (offset == 0 && Coding().IsMatch(text[..Math.Min(text.Length, 512)]))
        {
            Say("python.encoding", "its first lines name an encoding that is no plain one: what it says is not what is read", offset);
        }

        Find(text, begin, end, offset);
        if (text[begin..].ContainsAnyExceptInRange('\0', '\x7F'))
        {
            FindFolded(text[begin..], offset + begin);
        }
    }

    public void Finish()
    {
        if (_hasCode)
        {
            findings.Warn("python.code", $"this is Python{(isNotebook ? " in a notebook" : "")}: a model that brings it needs trust_remote_code, which runs it; read it first");
        }
    }

    private static bool IsScript(ReadOnlySpan<byte> head)
    {
        var line = head.IndexOf((byte)'\n') is >= 0 and var end ? head[..end] : head;
        return line.StartsWith("#!"u8) && line.IndexOf("python"u8) > 0;
    }

    private void Find(ReadOnlySpan<char> text, int begin, int end, long offset)
    {
        foreach (var (pattern, what) in Patterns)
        {
            foreach (var match in pattern.EnumerateMatches(text, begin))
            {
                if (match.Index < end)
                {
                    Say("python.danger", what, offset + match.Index);
                }

                break;
            }
        }
    }

    // Python reads names in their compatibility form: letters of other alphabets can spell the same name.
    private void FindFolded(ReadOnlySpan<char> text, long offset)
    {
        var read = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(text.ToArray()));
        var folded = PythonNames.Fold(read);
        if (!ReferenceEquals(read, folded))
        {
            Find(folded, 0, folded.Length, offset);
        }
    }

    private void Say(string rule, string what, long offset)
    {
        if (_said.Count < Maximum && _said.Add(what))
        {
            findings.Suspicious(rule, $"the Python {what}", isNotebook ? null : offset);
        }
    }

    private static readonly (Regex Pattern, string What)[] Patterns =
    [
        (Commands(), "runs commands of the system"),
        (CommandImports(), "imports what runs commands of the system"),
        (Evaluations(), "runs text that it decodes, unpacks or fetches"),
        (DecodedLater(), "decodes a long text: what it says cannot be read"),
        (Lookups(), "looks up functions of the interpreter by name"),
        (Sockets(), "opens connections, or receives them"),
        (Loaders(), "loads code from bytes"),
        (Pipes(), "fetches a script and runs it"),
        (Credentials(), "reads keys and passwords of whoever runs it"),
    ];

    [GeneratedRegex(@"\bos\s{0,8}\.\s{0,8}(?:system|popen|exec[lv]p?e?|spawn[lv]p?e?|posix_spawnp?|startfile)\s{0,8}\(|\bsubprocess\s{0,8}\.\s{0,8}\w|\bpty\s{0,8}\.\s{0,8}spawn|\bcommands\s{0,8}\.\s{0,8}getoutput|\.\s{0,8}(?:system|popen)\s{0,8}\(\s{0,8}[^)\s]")]
    private static partial Regex Commands();

    [GeneratedRegex(@"\bfrom\s{1,8}(?:os|posix|nt)\s{1,8}import\s[^\n]{0,200}\b(?:system|popen|exec[lv]p?e?|spawn[lv]p?e?|\*)|\bfrom\s{1,8}subprocess\s{1,8}import\b|\bimport\s{1,8}(?:subprocess|pty)\b")]
    private static partial Regex CommandImports();

    [GeneratedRegex(@"\b(?:exec|eval|compile)\s{0,8}\(\s{0,8}[^\n]{0,300}(?:b64decode|b32decode|b85decode|a85decode|unhexlify|fromhex|decompress|decode\s{0,8}\(|urlopen|requests\s{0,8}\.|getattr|chr\s{0,8}\(|__import__|marshal|\.text\b|\[::-1\])")]
    private static partial Regex Evaluations();

    [GeneratedRegex(@"(?:b64decode|b85decode|a85decode|unhexlify|fromhex|decompress)\s{0,8}\(\s{0,8}[brf]{0,2}['""]{1,3}[A-Za-z0-9+/=\\\n]{200}")]
    private static partial Regex DecodedLater();

    [GeneratedRegex(@"\bgetattr\s{0,8}\(\s{0,8}(?:os|sys|subprocess|builtins|__builtins__|posix|__import__)\b|__builtins__\s{0,8}[\[.]|\b__import__\s{0,8}\(\s{0,8}(?:['""](?:os|subprocess|socket|pty|ctypes|marshal|builtins|posix|sys)['""]|[^'""\s)])|__subclasses__|__globals__\s{0,8}\[|\b(?:vars|globals|locals)\s{0,8}\(\s{0,8}\)\s{0,8}\[\s{0,8}['""]__")]
    private static partial Regex Lookups();

    [GeneratedRegex(@"\bsocket\s{0,8}\.\s{0,8}(?:socket|create_connection|create_server)\s{0,8}\(|\bfrom\s{1,8}socket\s{1,8}import\b|\btelnetlib\b|\bparamiko\b")]
    private static partial Regex Sockets();

    [GeneratedRegex(@"\bmarshal\s{0,8}\.\s{0,8}loads?\s{0,8}\(|\btypes\s{0,8}\.\s{0,8}(?:CodeType|FunctionType)\s{0,8}\(|\bctypes\s{0,8}\.\s{0,8}(?:CDLL|windll|cdll|PyDLL|memmove|CFUNCTYPE)\b|\bzipimport\b|\bpickle\s{0,8}\.\s{0,8}loads\s{0,8}\([^\n]{0,80}(?:b64|decode|decompress|fromhex)")]
    private static partial Regex Loaders();

    [GeneratedRegex(@"\b(?:curl|wget)\b[^\n|]{1,300}\|\s{0,8}(?:sudo\s{1,8})?(?:ba|z|da)?sh\b")]
    private static partial Regex Pipes();

    [GeneratedRegex(@"(?:/|~|\\)\.(?:ssh/|aws/credentials|netrc|kube/config|docker/config\.json)|\bid_rsa\b|/etc/(?:passwd|shadow)\b|huggingface/token\b")]
    private static partial Regex Credentials();

    [GeneratedRegex(@"\A(?:\xEF\xBB\xBF)?(?:[^\n]{0,200}\n)?[ \t\f]*\#[^\n]{0,100}?coding[:=][ \t]*(?!utf-?8|utf_8|latin-?1|latin_1|iso-8859-1\b|ascii|us-ascii)[-\w.]+", RegexOptions.IgnoreCase)]
    private static partial Regex Coding();
}
