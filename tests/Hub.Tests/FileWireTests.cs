using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ModelGarden.Hub.Tests.Doubles;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

public sealed class FileWireTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private readonly TestHub _hub = fixture.Hub;

    private static CancellationToken Cancel => Patience.Cancel;

    [Theory]
    [InlineData("/acme/links/blob/main/docs/a%20b.md?download=true", "/acme/links/resolve/main/docs/a%20b.md?download=true")]
    [InlineData("/acme/links/blob/feat%2Fx/README.md", "/acme/links/resolve/feat%2Fx/README.md")]
    [InlineData("/datasets/acme/links/blob/main/blob/blob", "/datasets/acme/links/resolve/main/blob/blob")]
    [InlineData("/spaces/acme/links/blob/refs%2Fpr%2F1/a", "/spaces/acme/links/resolve/refs%2Fpr%2F1/a")]
    [InlineData("/acme/links/tree/main", "/api/models/acme/links/tree/main")]
    [InlineData("/acme/links/tree/feat%2Fx/docs/b?recursive=true", "/api/models/acme/links/tree/feat%2Fx/docs/b?recursive=true")]
    [InlineData("/datasets/acme/links/tree/main/docs", "/api/datasets/acme/links/tree/main/docs")]
    public async Task Page_OfAFileOrFolder_LeadsToWhatItShows(string target, string expected)
    {
        using var client = _hub.As();

        using var answer = await client.SendRawAsync("GET", target);
        using var head = await client.SendRawAsync("HEAD", target);

        Assert.Equal((HttpStatusCode.TemporaryRedirect, expected), (answer.StatusCode, answer.Header("Location")));
        Assert.Equal((HttpStatusCode.TemporaryRedirect, expected), (head.StatusCode, head.Header("Location")));
    }

    [Fact]
    public async Task Head_SmallFile_SaysAllThatDownloadsNeed()
    {
        await _hub.CreateAsync("acme/head");
        var commit = await _hub.CommitAsync("acme/head", TestHub.FileLine("config.json", "{\"a\":1}"));

        using var answer = await _hub.AsEngineer.SendRawAsync("HEAD", "/acme/head/resolve/main/config.json");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(commit, answer.Header("X-Repo-Commit"));
        Assert.Equal($"\"{Kernel.ObjectId.Of("blob", "{\"a\":1}"u8).Hex}\"", answer.Header("ETag"));
        Assert.Equal("7", answer.Header("Content-Length"));
        Assert.Equal("bytes", answer.Header("Accept-Ranges"));
        Assert.Null(answer.Header("X-Xet-Hash"));
        Assert.Null(answer.Header("Content-Encoding"));
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("GET")]
    public async Task Resolve_LargeFile_RedirectsToASignedAddressOnThePublicOne(string verb)
    {
        await _hub.CreateAsync($"acme/large-{verb}");
        var sha256 = _hub.Upload(Encoding.UTF8.GetBytes($"weights {verb}"));
        var commit = await _hub.CommitAsync($"acme/large-{verb}", TestHub.LargeLine("w.safetensors", sha256));

        using var answer = await _hub.AsEngineer.SendRawAsync(verb, $"/acme/large-{verb}/resolve/main/w.safetensors", null, ("Range", "bytes=0-0"));

        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Equal($"{TestHub.Address}/garden/v1/files/{sha256}?sig=down", answer.Header("Location"));
        Assert.Equal(commit, answer.Header("X-Repo-Commit"));
        Assert.Equal($"\"{sha256}\"", answer.Header("X-Linked-Etag"));
        Assert.Equal($"\"{sha256}\"", answer.Header("ETag"));
        Assert.Equal($"{$"weights {verb}".Length}", answer.Header("X-Linked-Size"));
        Assert.Equal("0", answer.Header("Content-Length"));
    }

    [Theory]
    [InlineData("HEAD", "pytorch_model.bin", "model.safetensors")]
    [InlineData("GET", "pytorch_model-00001-of-00002.bin", "model-00001-of-00002.safetensors")]
    [InlineData("GET", "weights/x.pt", "weights/x.safetensors")]
    public async Task Resolve_WhatACheckpointWasConvertedTo_RedirectsToIt(string verb, string source, string target)
    {
        var name = $"acme/converted-{Guid.NewGuid():n}";
        await _hub.CreateAsync(name);
        var (original, converted) = (_hub.Upload(Encoding.UTF8.GetBytes($"pickle of {name}")), _hub.Upload(Encoding.UTF8.GetBytes($"tensors of {name}")));
        _hub.Store.Converted[original] = converted;
        await _hub.CommitAsync(name, TestHub.LargeLine(source, original));

        using var answer = await _hub.AsEngineer.SendRawAsync(verb, $"/{name}/resolve/main/{target}");

        Assert.Equal((HttpStatusCode.Found, $"{TestHub.Address}/garden/v1/files/{converted}?sig=down"), (answer.StatusCode, answer.Header("Location")));
        Assert.Equal((Uri.EscapeDataString(source), $"\"{converted}\"", $"{$"tensors of {name}".Length}"), (answer.Header("X-Garden-Converted-From"), answer.Header("X-Linked-Etag"), answer.Header("X-Linked-Size")));
        Assert.Null(answer.Header("X-Xet-Hash"));
        using var unchanged = await _hub.AsEngineer.SendRawAsync(verb, $"/{name}/resolve/main/{source}");
        Assert.Equal($"\"{original}\"", unchanged.Header("X-Linked-Etag"));
        using var pointer = await _hub.AsEngineer.SendRawAsync(verb, $"/{name}/raw/main/{target}");
        Assert.Equal(HttpStatusCode.NotFound, pointer.StatusCode);
    }

    [Fact]
    public async Task Resolve_AFileOfTheRevision_OutdoesAConvertedOne()
    {
        await _hub.CreateAsync("acme/both");
        var (original, converted, own) = (_hub.Upload("both: pickle"u8.ToArray()), _hub.Upload("both: tensors"u8.ToArray()), _hub.Upload("both: its own"u8.ToArray()));
        _hub.Store.Converted[original] = converted;
        await _hub.CommitAsync("acme/both", TestHub.LargeLine("pytorch_model.bin", original), TestHub.LargeLine("model.safetensors", own));

        using var answer = await _hub.AsEngineer.SendRawAsync("GET", "/acme/both/resolve/main/model.safetensors");

        Assert.Equal(($"\"{own}\"", (string?)null), (answer.Header("X-Linked-Etag"), answer.Header("X-Garden-Converted-From")));
    }

    [Fact]
    public async Task Resolve_OfACheckpointThatIsNotConverted_IsNotFound()
    {
        await _hub.CreateAsync("acme/unconverted");
        await _hub.CommitAsync("acme/unconverted", TestHub.LargeLine("pytorch_model.bin", _hub.Upload("unconverted"u8.ToArray())));

        using var answer = await _hub.AsEngineer.SendRawAsync("GET", "/acme/unconverted/resolve/main/model.safetensors");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("bytes=0-0", 206, "bytes 0-0/10", "0")]
    [InlineData("bytes=7-", 206, "bytes 7-9/10", "789")]
    [InlineData("bytes=-3", 206, "bytes 7-9/10", "789")]
    [InlineData("bytes=-99", 206, "bytes 0-9/10", "0123456789")]
    [InlineData("bytes=8-99", 206, "bytes 8-9/10", "89")]
    [InlineData("bytes=5-4", 200, null, "0123456789")]
    [InlineData("bytes=0-1,4-5", 200, null, "0123456789")]
    [InlineData("items=0-1", 200, null, "0123456789")]
    [InlineData("bytes=x-", 200, null, "0123456789")]
    public async Task Get_WithRange_AnswersThatPart(string range, int status, string? contentRange, string body)
    {
        await EnsureDigitsAsync();

        using var answer = await _hub.AsEngineer.SendRawAsync("GET", "/acme/digits/resolve/main/digits.txt", null, ("Range", range), ("Accept", "application/vnd.xet-fileinfo+json, */*"));

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(contentRange, answer.Header("Content-Range"));
        Assert.Equal(body, await answer.Content.ReadAsStringAsync(Cancel));
        Assert.Equal($"{body.Length}", answer.Header("Content-Length"));
    }

    [Theory]
    [InlineData("bytes=10-")]
    [InlineData("bytes=-0")]
    public async Task Get_RangeBehindTheEnd_NamesTheSize(string range)
    {
        await EnsureDigitsAsync();

        using var answer = await _hub.AsEngineer.SendRawAsync("GET", "/acme/digits/resolve/main/digits.txt", null, ("Range", range));

        Assert.Equal("bytes */10", answer.Header("Content-Range"));
        await answer.AssertRefusedAsync(HttpStatusCode.RequestedRangeNotSatisfiable, null, "10 bytes");
    }

    [Fact]
    public async Task Get_EmptyFileWithAProbe_SaysThatItIsEmpty()
    {
        await _hub.CreateAsync("acme/empty");
        await _hub.CommitAsync("acme/empty", TestHub.FileLine("__init__.py", ""));

        using var answer = await _hub.AsEngineer.SendRawAsync("GET", "/acme/empty/resolve/main/__init__.py", null, ("Range", "bytes=0-0"));

        Assert.Equal("OK bytes */0 0", $"{answer.StatusCode} {answer.Header("Content-Range")} {answer.Header("Content-Length")}");
    }

    [Fact]
    public async Task Get_KnownETag_IsNotSentAgain()
    {
        await EnsureDigitsAsync();
        using var first = await _hub.AsEngineer.SendRawAsync("GET", "/acme/digits/resolve/main/digits.txt");

        using var again = await _hub.AsEngineer.SendRawAsync("GET", "/acme/digits/resolve/main/digits.txt", null, ("If-None-Match", first.Header("ETag")!));
        using var changed = await _hub.AsEngineer.SendRawAsync("GET", "/acme/digits/resolve/main/digits.txt", null, ("If-Range", "\"other\""), ("Range", "bytes=0-0"));

        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Fact]
    public async Task Get_ScriptInAFile_IsNothingThatABrowserRuns()
    {
        await _hub.CreateAsync("acme/page");
        await _hub.CommitAsync("acme/page", TestHub.FileLine("index.html", "<script>alert(1)</script>"));

        using var answer = await _hub.AsEngineer.SendRawAsync("GET", "/acme/page/resolve/main/index.html");

        Assert.Equal("text/plain; charset=utf-8", answer.Header("Content-Type"));
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
        Assert.Contains("sandbox", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("feat%2Fone")]
    [InlineData("refs%2Fheads%2Ffeat%2Fone")]
    [InlineData("v1.0%2Frc")]
    [InlineData("HEAD")]
    [InlineData("main")]
    public async Task Revisions_WithEncodedSlashes_AreOneSegment(string revision)
    {
        var name = $"acme/revisions-{Guid.NewGuid():n}";
        await _hub.CreateAsync(name);
        await _hub.CommitAsync(name, TestHub.FileLine("sub dir/ü–x.txt", "there"));
        using var client = _hub.AsEngineer;
        (await client.SendRawAsync("POST", $"/api/models/{name}/branch/feat%2Fone", TestHub.Json("""{"startingPoint":"main"}"""))).EnsureSuccessStatusCode();
        (await client.SendRawAsync("POST", $"/api/models/{name}/tag/feat%2Fone", TestHub.Json("""{"tag":"v1.0/rc","message":"m"}"""))).EnsureSuccessStatusCode();

        using var file = await client.SendRawAsync("GET", $"/{name}/resolve/{revision}/sub%20dir/%C3%BC%E2%80%93x.txt");
        var python = await client.JsonAsync($"/api/models/{name}/tree/{revision}/sub%20dir?recursive=False&expand=True");
        var info = await client.JsonAsync($"/api/models/{name}/revision/{revision}");

        Assert.Equal("there", await file.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("sub dir/ü–x.txt", (string?)Assert.Single(python.AsArray())!["path"]);
        Assert.Equal(file.Header("X-Repo-Commit"), (string?)info["sha"]);
    }

    [Fact]
    public async Task Tree_DeepFolders_BothEncodingsAndPaging()
    {
        await _hub.CreateAsync("acme/tree");
        await _hub.CommitAsync("acme/tree", TestHub.FileLine("a/b/c.txt", "c"), TestHub.FileLine("a/d.txt", "d"), TestHub.LargeLine("w.bin", _hub.Upload([7, 7])));
        using var client = _hub.AsEngineer;

        var encoded = await client.JsonAsync("/api/models/acme/tree/tree/main/a%2Fb");
        var plain = await client.JsonAsync("/api/models/acme/tree/tree/main/a/b");
        using var page = await client.SendRawAsync("GET", "/api/models/acme/tree/tree/refs/heads/main?recursive=True&limit=2&expand=1");
        var first = (await TestHub.ReadAsync(page)).AsArray();

        Assert.Equal(encoded.ToJsonString(), plain.ToJsonString());
        Assert.Equal("""["type","oid","size","path"]""", new JsonArray([.. encoded[0]!.AsObject().Select(field => (JsonNode)field.Key)]).ToJsonString());
        Assert.Equal([".gitattributes", "a"], first.Select(entry => (string?)entry!["path"]));
        Assert.Equal("directory 0", $"{first[1]!["type"]} {first[1]!["size"]}");
        Assert.Equal($"<{TestHub.Address}/api/models/acme/tree/tree/refs/heads/main?recursive=True&limit=2&expand=1&cursor=2>; rel=\"next\"", page.Header("Link"));
        var last = await client.JsonAsync("/api/models/acme/tree/tree/main?recursive=true&limit=3&cursor=4");
        var large = last.AsArray().Single(entry => (string?)entry!["path"] == "w.bin")!;
        Assert.Equal(2, (int)large["size"]!);
        Assert.Equal(Kernel.Sha256Digest.Of([7, 7]).Hex, (string?)large["lfs"]!["oid"]);
        Assert.True((int)large["lfs"]!["pointerSize"]! > 100);
    }

    [Fact]
    public async Task PathsInfo_FormAndJson_AnswerTheSame()
    {
        await _hub.CreateAsync("acme/paths");
        await _hub.CommitAsync("acme/paths", TestHub.FileLine("a b/ü.txt", "x"), TestHub.FileLine("c.txt", "y"));
        using var client = _hub.AsEngineer;
        using var form = new StringContent("paths=a+b%2F%C3%BC.txt&paths=a%20b&paths=missing&paths=..%2Fx&expand=True", Encoding.UTF8, "application/x-www-form-urlencoded");

        using var python = await client.SendRawAsync("POST", "/api/models/acme/paths/paths-info/main", form);
        using var script = await client.SendRawAsync("POST", "/api/models/acme/paths/paths-info/main", TestHub.Json("""{"paths":["a b/ü.txt","a b","missing","../x"],"expand":true}"""));

        var entries = (await TestHub.ReadAsync(python)).AsArray();
        Assert.Equal(["a b/ü.txt", "a b"], entries.Select(entry => (string?)entry!["path"]));
        Assert.Equal(entries.ToJsonString(), (await TestHub.ReadAsync(script)).ToJsonString());
    }

    [Fact]
    public async Task Expand_OfTreeAndPathsInfo_TellsCommitsAndVerdicts()
    {
        await _hub.CreateAsync("acme/expand");
        var commit = await _hub.CommitAsync("acme/expand", TestHub.FileLine("a/b.txt", "x"), TestHub.FileLine("evil-expand.pkl", "cos"));
        _hub.Store.Misnamed["evil-expand.pkl"] = "it imports os.system";
        using var client = _hub.AsEngineer;

        var tree = (await client.JsonAsync("/api/models/acme/expand/tree/main?expand=true")).AsArray().ToDictionary(entry => (string)entry!["path"]!, entry => entry!);
        using var info = await client.SendRawAsync("POST", "/api/models/acme/expand/paths-info/main", TestHub.Json("""{"paths":["evil-expand.pkl","a"],"expand":true}"""));
        var plain = (await client.JsonAsync("/api/models/acme/expand/tree/main")).AsArray();

        var last = tree["a"]["lastCommit"]!;
        Assert.Equal((commit, "add"), ((string?)last["id"], (string?)last["title"]));
        Assert.EndsWith("Z", (string?)last["date"], StringComparison.Ordinal);
        Assert.Null(tree["a"]["securityFileStatus"]);
        Assert.Equal("safe", (string?)tree[".gitattributes"]["securityFileStatus"]!["status"]);
        var security = tree["evil-expand.pkl"]["securityFileStatus"]!.AsObject();
        Assert.Equal(["status", "avScan", "pickleImportScan", "finding"], security.Select(field => field.Key));
        Assert.Equal(("suspicious", "it imports os.system"), ((string?)security["status"], (string?)security["finding"]));
        Assert.Equal(new[] { "evil-expand.pkl", "a" }.Select(path => tree[path].ToJsonString()), (await TestHub.ReadAsync(info)).AsArray().Select(entry => entry!.ToJsonString()));
        Assert.All(plain, entry => Assert.Null(entry!["lastCommit"]));
    }

    [Fact]
    public async Task Raw_LargeFile_IsItsPointer()
    {
        await _hub.CreateAsync("acme/raw");
        var sha256 = _hub.Upload([9, 9, 9]);
        await _hub.CommitAsync("acme/raw", TestHub.LargeLine("w.bin", sha256));

        using var head = await _hub.AsEngineer.SendRawAsync("HEAD", "/acme/raw/raw/main/w.bin");
        using var answer = await _hub.AsEngineer.SendRawAsync("GET", "/acme/raw/raw/main/w.bin");

        var pointer = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.Equal($"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize 3\n", pointer);
        Assert.Equal($"{pointer.Length}", head.Header("Content-Length"));
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("GET")]
    public async Task Download_LicenceNotAccepted_IsGated(string verb)
    {
        var repository = await _hub.CreateAsync($"acme/gated-{verb}", published: true);
        repository.Declared.Licenses.Add("llama3");
        await _hub.CommitAsync(repository.Name, TestHub.FileLine("README.md", "card"), TestHub.FileLine("config.json", "{}"), TestHub.LargeLine("w.bin", _hub.Upload([5])));
        using var stranger = _hub.As(People.Engineer("globex"));
        using var nobody = _hub.As();

        foreach (var path in new[] { "config.json", "w.bin" })
        {
            using var refused = await stranger.SendRawAsync(verb, $"/{repository.Name}/resolve/main/{path}");
            using var anonymous = await nobody.SendRawAsync(verb, $"/{repository.Name}/resolve/main/{path}");
            Assert.Null(refused.Header("Location"));
            await refused.AssertRefusedAsync(HttpStatusCode.Forbidden, "GatedRepo", "LICENSE_NOT_ACCEPTED: globex has not accepted the licence llama3: accept the licence llama3");
            Assert.StartsWith("</garden/v1/why?action=ACTION_DOWNLOAD&repository=", refused.Header("Link"), StringComparison.Ordinal);
            Assert.EndsWith(">; rel=\"help\"", refused.Header("Link"), StringComparison.Ordinal);
            await anonymous.AssertRefusedAsync(HttpStatusCode.Unauthorized, "GatedRepo", "sign in");
        }

        Assert.Equal(HttpStatusCode.OK, (await nobody.SendRawAsync(verb, $"/{repository.Name}/resolve/main/README.md")).StatusCode);
        Assert.Equal("auto", (string?)(await nobody.JsonAsync($"/api/models/{repository.Name}"))["gated"]);
        Assert.Equal(verb is "HEAD" ? HttpStatusCode.OK : HttpStatusCode.Forbidden, (await stranger.SendRawAsync(verb, $"/{repository.Name}/raw/main/w.bin")).StatusCode);
    }

    [Fact]
    public async Task Download_FileNotClean_IsForItsOwnersAndReviewers()
    {
        await _hub.CreateAsync("acme/unclean", published: true);
        var sha256 = _hub.Upload([6, 6, 6]);
        _hub.Store.Unclean[sha256] = "the file was found suspicious: tensor 'w' ends after the file";
        await _hub.CommitAsync("acme/unclean", TestHub.LargeLine("w.safetensors", sha256));
        using var stranger = _hub.As(People.Engineer("globex"));
        using var lawyer = _hub.As(People.Person("lea", "acme", Hosting.Access.Roles.Legal));
        using var curator = _hub.As(People.Curator);

        foreach (var verb in new[] { "HEAD", "GET" })
        {
            using var refused = await stranger.SendRawAsync(verb, "/acme/unclean/resolve/main/w.safetensors");
            using var owner = await _hub.AsEngineer.SendRawAsync(verb, "/acme/unclean/resolve/main/w.safetensors");
            using var reviewer = await curator.SendRawAsync(verb, "/acme/unclean/resolve/main/w.safetensors");

            Assert.Null(refused.Header("Location"));
            await refused.AssertRefusedAsync(HttpStatusCode.Forbidden, null, "found suspicious");
            using var refusedToo = await lawyer.SendRawAsync(verb, "/acme/unclean/resolve/main/w.safetensors");
            await refusedToo.AssertRefusedAsync(HttpStatusCode.Forbidden, null, "found suspicious");
            Assert.All([owner, reviewer], answer => Assert.Equal(HttpStatusCode.Found, answer.StatusCode));
        }
    }

    [Fact]
    public async Task Download_FileNotCleanByItsName_IsForItsOwnersAndReviewers()
    {
        await _hub.CreateAsync("acme/misnamed", published: true);
        var sha256 = _hub.Upload([7, 7, 7]);
        await _hub.CommitAsync("acme/misnamed", TestHub.LargeLine("large.py", sha256), TestHub.FileLine("small.pkl", "cos"), TestHub.FileLine("NOTICE", "fine"));
        (_hub.Store.Misnamed["large.py"], _hub.Store.Misnamed["small.pkl"]) = ("'large.py' is examined by what its name makes of it", "it imports os.system");
        using var stranger = _hub.As(People.Engineer("globex"));

        foreach (var path in new[] { "resolve/main/large.py", "resolve/main/small.pkl", "raw/main/small.pkl" })
        {
            foreach (var verb in new[] { "HEAD", "GET" })
            {
                using var refused = await stranger.SendRawAsync(verb, $"/acme/misnamed/{path}");
                using var owner = await _hub.AsEngineer.SendRawAsync(verb, $"/acme/misnamed/{path}");

                Assert.Null(refused.Header("Location"));
                await refused.AssertRefusedAsync(HttpStatusCode.Forbidden, null, "found suspicious");
                Assert.True((int)owner.StatusCode < 400);
            }
        }

        using var fine = await stranger.SendRawAsync("GET", "/acme/misnamed/resolve/main/NOTICE");
        Assert.Equal(HttpStatusCode.OK, fine.StatusCode);
    }

    [Fact]
    public async Task Download_QuotaUsedUp_SaysWhenToComeAgain()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.CreateAsync();
        hub.Licenses.QuotaExceeded = true;
        await hub.CommitAsync("acme/tiny", TestHub.FileLine("config.json", "{}"));

        using var answer = await hub.AsEngineer.SendRawAsync("GET", "/acme/tiny/resolve/main/config.json");

        Assert.Equal("77", answer.Header("Retry-After"));
        await answer.AssertRefusedAsync(HttpStatusCode.TooManyRequests, null, "quota");
    }

    private async Task EnsureDigitsAsync()
    {
        if (_hub.Store.Find("acme/digits") is null)
        {
            await _hub.CreateAsync("acme/digits");
            await _hub.CommitAsync("acme/digits", TestHub.FileLine("digits.txt", "0123456789"));
        }
    }
}
