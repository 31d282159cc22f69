using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Tests.Doubles;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

/// <summary>git's smart HTTP, byte for byte where git looks.</summary>
public sealed class GitWireTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private static readonly string[] Pieces =
    [
        "0000", "0001", "0002", "0004", "0014command=ls-refs\n", "0012command=fetch\n", "0015agent=git/2.39.5\n", "0001", "0009peel\n", "000csymrefs\n", "000bunborn\n", "001bref-prefix refs/heads/\n",
        "0032want 1111111111111111111111111111111111111111\n", "0032have 1111111111111111111111111111111111111111\n", "0009done\n", "000ddeepen 1\n", "0010deepen 99999\n", "000ddeepen x\n", "0015deepen-relative\n",
        "0016deepen-since 0000\n", "0014deepen-not main\n", "0035shallow 1111111111111111111111111111111111111111\n", "0009want\n", "000fthin-pack\n", "0016filter blob:none\n", "0018object-format=sha256\n", "ffff", "zzzz", "PACK",
        "\0 report-status side-band-64k", " refs/heads/main", "0067", "1111111111111111111111111111111111111111 ", "0000000000000000000000000000000000000000 ", "\n",
    ];

    private readonly TestHub _hub = fixture.Hub;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/acme/git-a.git")]
    [InlineData("/acme/git-a")]
    public async Task Refs_ByProtocolTwo_AreAdvertisedAndListed(string page)
    {
        var head = await StartAsync("acme/git-a");
        using var client = _hub.AsEngineer;

        using var advertised = await client.SendRawAsync("GET", $"{page}/info/refs?service=git-upload-pack", null, ("Git-Protocol", "version=2"));
        var listed = await PostAsync(client, $"{page}/git-upload-pack", Line("command=ls-refs\n") + "0001" + Line("symrefs\n") + "0000");

        Assert.Equal("application/x-git-upload-pack-advertisement", advertised.Content.Headers.ContentType?.ToString());
        Assert.Contains("no-cache", advertised.Headers.CacheControl?.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("001e# service=git-upload-pack\n0000000eversion 2\n", await advertised.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(Line($"{head} HEAD symref-target:refs/heads/main\n") + Line($"{head} refs/heads/main\n") + "0000", listed);
    }

    [Fact]
    public async Task Refs_ByOlderProtocols_AreToldWhatToDo()
    {
        await StartAsync("acme/git-old");
        using var client = _hub.AsEngineer;
        using var advertised = await client.SendRawAsync("GET", "/acme/git-old/info/refs?service=git-upload-pack");
        using var dumb = await client.SendRawAsync("GET", "/acme/git-old/info/refs");

        Assert.Contains("ERR this garden gives repositories by version 2", await advertised.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(403, (int)dumb.StatusCode);
    }

    [Fact]
    public async Task Refused_InGitsWords_AsksWhoHasNotSignedIn()
    {
        await StartAsync("acme/git-private");
        using var anonymous = _hub.As();
        using var stranger = _hub.As(People.Engineer("globex"));
        using var engineer = _hub.AsEngineer;
        const string page = "/acme/git-private.git/info/refs?service=";

        using var asked = await anonymous.SendRawAsync("GET", $"{page}git-upload-pack", null, ("Git-Protocol", "version=2"));
        using var unknown = await stranger.SendRawAsync("GET", $"{page}git-upload-pack", null, ("Git-Protocol", "version=2"));
        using var lfs = await anonymous.SendRawAsync("POST", "/acme/git-private.git/info/lfs/objects/batch", TestHub.Json("""{"operation":"download","objects":[]}"""));
        _hub.Store.Find("acme/git-private")!.IsPublished = true;
        using var writing = await anonymous.SendRawAsync("GET", $"{page}git-receive-pack");
        using var denied = await stranger.SendRawAsync("GET", $"{page}git-receive-pack");
        var missing = await PostAsync(engineer, "/acme/git-private/git-upload-pack", Line("command=fetch\n") + "0001" + Line($"want {new string('1', 40)}\n") + Line("done\n") + "0000");

        Assert.Equal([401, 404, 401, 401, 403], new[] { asked, unknown, lfs, writing, denied }.Select(answer => (int)answer.StatusCode));
        Assert.All(new[] { asked, lfs, writing }, answer => Assert.StartsWith("Basic realm=", answer.Header("WWW-Authenticate"), StringComparison.Ordinal));
        Assert.Equal("text/plain; charset=utf-8", denied.Content.Headers.ContentType?.ToString());
        Assert.Contains("only members of acme", await denied.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(Line("ERR no revision '1111111111111111111111111111111111111111'"), missing);
    }

    [Fact]
    public async Task Fetch_Gated_IsRefusedWithTheRule()
    {
        var head = await StartAsync("acme/git-gated");
        _hub.Store.Find("acme/git-gated")!.IsPublished = true;
        _hub.Store.Find("acme/git-gated")!.Declared.Licenses.Add("llama3");
        var fetch = Line("command=fetch\n") + "0001" + Line($"want {head}\n") + Line("done\n") + "0000";
        using var stranger = _hub.As(People.Engineer("globex"));
        using var anonymous = _hub.As();

        var told = await PostAsync(stranger, "/acme/git-gated/git-upload-pack", fetch);
        using var asked = await SendAsync(anonymous, "/acme/git-gated/git-upload-pack", Encoding.ASCII.GetBytes(fetch));

        Assert.Contains("ERR ", told, StringComparison.Ordinal);
        Assert.Contains("llama3", told, StringComparison.Ordinal);
        Assert.DoesNotContain("PACK", told, StringComparison.Ordinal);
        Assert.Equal(401, (int)asked.StatusCode);
    }

    [Fact]
    public async Task Fetch_WithHavesOrPacked_AnswersAsProtocolTwo()
    {
        var head = await StartAsync("acme/git-fetch");
        using var client = _hub.AsEngineer;
        var want = Line("command=fetch\n") + "0001" + Line($"want {head}\n");
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Encoding.ASCII.GetBytes(want + Line("done\n") + "0000"));
        }

        var unknown = await PostAsync(client, "/acme/git-fetch/git-upload-pack", want + Line($"have {new string('1', 40)}\n") + "0000");
        var ready = await PostAsync(client, "/acme/git-fetch/git-upload-pack", want + Line($"have {head}\n") + "0000");
        using var whole = await SendAsync(client, "/acme/git-fetch/git-upload-pack", packed.ToArray(), "gzip");
        using var broken = await SendAsync(client, "/acme/git-fetch/git-upload-pack", "not gzip"u8.ToArray(), "gzip");

        Assert.Equal(Line("acknowledgments\n") + Line("NAK\n") + "0000", unknown);
        Assert.StartsWith(Line("acknowledgments\n") + Line($"ACK {head}\n") + Line("ready\n") + "0001" + Line("packfile\n"), ready, StringComparison.Ordinal);
        Assert.StartsWith(Line("packfile\n"), await whole.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Contains("gzip is broken", await broken.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Push_ItsObjectsArrive_AndEachRefIsToldOf()
    {
        await StartAsync("acme/git-push");
        using var client = _hub.AsEngineer;
        var pack = PackBuilder.Pack(PackBuilder.Entry(3, "pushed"u8.ToArray()));
        var commands = Line($"{new string('0', 40)} {new string('1', 40)} refs/heads/dev\0 report-status\n") + Line($"{new string('0', 40)} {new string('1', 40)} refs/odd/x") + "0000";

        using var pushed = await SendAsync(client, "/acme/git-push/git-receive-pack", [.. Encoding.ASCII.GetBytes(commands), .. pack]);
        using var broken = await SendAsync(client, "/acme/git-push/git-receive-pack", [.. Encoding.ASCII.GetBytes(commands), .. pack[..^1]]);
        using var empty = await SendAsync(client, "/acme/git-push/git-receive-pack", "0000"u8.ToArray());

        Assert.Equal(Line("unpack ok\n") + Line("ok refs/heads/dev\n") + Line("ng refs/odd/x BAD_REF_NAME: no\n") + "0000", await pushed.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("pushed", Assert.Single(_hub.Store.Pushed, one => one.Content.ToStringUtf8() is "pushed").Content.ToStringUtf8());
        Assert.StartsWith(Line("unpack BAD_PACK: the pack is broken: its checksum is wrong\n"), await broken.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal((200, ""), ((int)empty.StatusCode, await empty.Content.ReadAsStringAsync(Cancel)));
    }

    [Fact]
    public async Task Requests_OfAnyShape_NeverFailUnexpectedly()
    {
        var head = await StartAsync("acme/git-fuzz");
        var random = new Random(20261122);
        var mutator = new Mutator(20261123);
        using var client = _hub.AsEngineer;
        for (var round = 0; round < 1500; round++)
        {
            var service = random.Next(2) is 0 ? "git-upload-pack" : "git-receive-pack";
            var text = string.Concat(Enumerable.Range(0, random.Next(0, 10)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            var body = random.Next(3) switch
            {
                0 => Encoding.Latin1.GetBytes(text),
                1 => Encoding.Latin1.GetBytes(Line("command=fetch\n") + "0001" + Line($"want {head}\n") + text + "0000"),
                _ => mutator.Mutate([.. Encoding.Latin1.GetBytes(Line($"{new string('0', 40)} {new string('1', 40)} refs/heads/dev\0 report-status side-band-64k\n") + "0000"), .. PackBuilder.Pack(PackBuilder.Entry(3, "x"u8.ToArray()))]),
            };
            using var answer = await SendAsync(client, $"/acme/git-fuzz/{service}", body, random.Next(8) is 0 ? "gzip" : "");
            Assert.True((int)answer.StatusCode < 500, string.Create(CultureInfo.InvariantCulture, $"{service} {(int)answer.StatusCode} for {Convert.ToHexString(body)}"));
        }
    }

    private static string Line(string text) => string.Create(CultureInfo.InvariantCulture, $"{text.Length + 4:x4}{text}");

    private static async Task<string> PostAsync(HttpClient client, string target, string body)
    {
        using var answer = await SendAsync(client, target, Encoding.ASCII.GetBytes(body));
        Assert.Equal(200, (int)answer.StatusCode);
        return Encoding.Latin1.GetString(await answer.Content.ReadAsByteArrayAsync(Cancel));
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string target, byte[] body, string encoding = "")
    {
        var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-git-request") } };
        if (encoding.Length > 0)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        return client.SendRawAsync("POST", target, content, ("Git-Protocol", "version=2"));
    }

    private async Task<string> StartAsync(string name)
    {
        if (_hub.Store.Find(name) is { } known)
        {
            return known.Resolve("")!.Commit.Id;
        }

        await _hub.CreateAsync(name);
        return await _hub.CommitAsync(name, TestHub.FileLine("README.md", "x"));
    }
}
