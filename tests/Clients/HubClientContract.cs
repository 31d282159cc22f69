using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ModelGarden.Testing;
using static ModelGarden.Clients.Told;

namespace ModelGarden.Clients;

/// <summary>npm's <c>@huggingface/hub</c>, unchanged, against a garden.</summary>
public abstract class HubClientContract(ClientGarden garden)
{
    private static readonly string Sample = Repo.PathOf("deploy/samples/kjv-llama");

    [Fact]
    public async Task UploadFolder_TheSample_ComesBackByteForByte()
    {
        var uploaded = await garden.RunAsync("upload-folder", garden.Publisher, ("REPO", "books/roundtrip"), ("FOLDER", Sample));
        var downloaded = await garden.RunAsync("download-all", garden.Publisher, ("REPO", "books/roundtrip"));

        Assert.Equal($"{garden.Address}/books/roundtrip", (string?)uploaded["repoUrl"]);
        Assert.StartsWith($"{garden.Address}/books/roundtrip/commit/", (string?)uploaded["commitUrl"], StringComparison.Ordinal);
        Assert.Equal(Sums(Sample), Sums(downloaded));
        Assert.Equal(["kjv-llama-f16.gguf", "kjv-llama-q8_0.gguf", "model.safetensors"], LargeFiles(downloaded));
    }

    [Fact]
    public async Task Published_Model_IsFoundRefusedAcceptedAndDownloaded()
    {
        await garden.PublishAsync("books/kjv", Sample);

        Assert.Equal(["books/kjv"], Names(await garden.RunAsync("search", garden.Engineer, ("QUERY", "kjv"), ("OWNER", "books"), ("TASK", "text-generation"))));
        Assert.Equal(["books/kjv"], Names(await garden.RunAsync("search", "", ("OWNER", "books"), ("TAGS", "license:apache-2.0,transformers"))));
        Assert.Empty(Names(await garden.RunAsync("search", garden.Engineer, ("QUERY", "kjv"), ("TAGS", "license:apache-2.0,license:mit"))));
        await RefusedAsync();
        await garden.AcceptAsync("apache-2.0");
        var downloaded = await garden.RunAsync("download-all", garden.Engineer, ("REPO", "books/kjv"));
        Assert.True((bool)downloaded["ok"]!, downloaded.ToJsonString());
        Assert.Equal(Sums(Sample), Sums(downloaded));
    }

    [Fact]
    public async Task Fields_ThatTheClientAsksForByName_AreTold()
    {
        // No more than is asked about, so that no other flow finds it.
        var folder = Directory.CreateTempSubdirectory();
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "README.md"), "---\nlicense: mit\n---\n# Described\n", Patience.Cancel);
        foreach (var file in new[] { "config.json", "kjv-llama-q8_0.gguf" })
        {
            File.Copy(Path.Combine(Sample, file), Path.Combine(folder.FullName, file));
        }

        await garden.PublishAsync("books/described", folder.FullName);

        var told = await garden.RunAsync("fields", garden.Engineer, ("REPO", "books/described"));
        folder.Delete(recursive: true);

        Assert.True((bool)told["ok"]!, told.ToJsonString());
        var info = told["info"]!;
        Assert.Equal("""{"architectures":["LlamaForCausalLM"],"model_type":"llama"}""", info["config"]!.ToJsonString());
        Assert.Equal("AutoModelForCausalLM", (string?)info["transformersInfo"]!["auto_model"]);
        Assert.Equal(("[]", false), (info["inferenceProviderMapping"]!.ToJsonString(), (bool)info["disabled"]!));
        Assert.Equal((long)info["downloads"]!, (long)info["downloadsAllTime"]!);
        Assert.All(["largest", "heaviest", "trending", "runByOllama"], list => Assert.Contains("books/described", told[list]!.AsArray().Select(name => (string?)name)));
        Assert.Empty(told["runElsewhere"]!.AsArray());
        Assert.Equal("404 404 404", $"{told["dataset"]} {told["space"]} {told["short"]}");
    }

    [Fact]
    public async Task Tour_EveryCallOfTheClient_DoesWhatItPromises()
    {
        var tour = await garden.RunAsync("hub-tour", garden.Engineer, ("REPO", $"acme/tour-{Guid.NewGuid():n}"));

        Assert.True((bool)tour["ok"]!, tour.ToJsonString());
        Assert.Equal("ann user acme write laptop", string.Join(' ', tour["name"], tour["type"], tour["orgs"]![0], tour["role"], tour["token"]));
        Assert.Equal("False True False", string.Join(' ', (bool)tour["before"]!, (bool)tour["after"]!, (bool)tour["gone"]!));
        Assert.Equal("409 412 granted", string.Join(' ', tour["again"], tour["stale"], tour["access"]));
        Assert.Equal("grüße", (string?)tour["odd"]);
        Assert.Equal("", (string?)tour["empty"]);
        Assert.Null((string?)tour["emptyOnBranch"]);
        Assert.Equal("here", (string?)tour["onlyHere"]);
        Assert.Null((string?)tour["onlyHereOnMain"]);
        Assert.Equal("---\nlicense: apache-2.0\n---\n", (string?)tour["readme"]);
        Assert.Equal("True False True False", string.Join(' ', (bool)tour["exists"]!, (bool)tour["existsNot"]!, (bool)tour["existsOnBranch"]!, (bool)tour["emptyDeleted"]!));
        Assert.Equal(2_500_000, (int)tour["bigInfo"]!["size"]!);
        Assert.True((bool)tour["bigPart"]! && (bool)tour["bigWhole"]!);
        Assert.Equal("404", tour["branchDeleted"]!.ToString());
    }

    [Fact]
    public async Task Tour_ListsOfTheClient_AreWhole()
    {
        var tour = await garden.RunAsync("hub-tour", garden.Engineer, ("REPO", $"acme/tour-{Guid.NewGuid():n}"));

        Assert.Equal(
            [".gitattributes", "README.md", "empty.txt", "sub folder", "sub folder/naïve – ü 100%25.txt", "weights", "weights/big.bin", "weights/copy.bin"],
            tour["files"]!.AsArray().Select(file => (string?)file));
        Assert.Equal(["weights/big.bin", "weights/copy.bin"], tour["folder"]!.AsArray().Select(file => (string?)file));
        Assert.Equal(["weights/big.bin", "weights"], tour["paths"]!.AsArray().Select(path => (string?)path!["path"]));
        Assert.Equal(["Add weights/big.bin safe", "Add weights/copy.bin"], tour["paths"]!.AsArray().Select(path => $"{path!["lastCommit"]!["title"]} {path["securityFileStatus"]?["status"]}".TrimEnd()));
        Assert.Equal(5, tour["commits"]!.AsArray().Count);
        Assert.Equal(5, (int)tour["count"]!);
        Assert.Equal("initial commit", (string?)tour["commits"]![4]!["title"]);
        Assert.Equal("ann", (string?)tour["commits"]![0]!["by"]);
        Assert.Equal((string?)tour["moved"], (string?)tour["branchSha"]);
        Assert.Equal((string?)tour["moved"], (string?)tour["branchCommits"]![0]);
        Assert.StartsWith("acme/tour-", (string?)tour["info"]!["name"], StringComparison.Ordinal);
        Assert.True((bool)tour["info"]!["private"]!);
        Assert.Equal(6, tour["info"]!["filePaths"]!.AsArray().Count);
    }

    [Fact]
    public async Task History_ComparedSquashedAndMoved_IsFollowedByTheClient()
    {
        var (repo, moved) = ($"acme/history-{Guid.NewGuid():n}", $"acme/moved-{Guid.NewGuid():n}");

        var told = await garden.RunAsync("history", garden.Engineer, ("REPO", repo), ("MOVED", moved));

        Assert.True((bool)told["ok"]!, told.ToJsonString());
        Assert.Equal(
            ["T 3\t:100644 100644 id... id... M\tnotes.txt", "T 300000\t:000000 100644 id... id... A\tweights.bin"],
            told["raw"]!.AsArray().Select(line => (string?)line));
        Assert.Equal(["-one", "+two"], told["lines"]!.AsArray().Select(line => (string?)line));
        Assert.Equal(["weights.bin 300000 refs/heads/main"], Texts(told["large"]!));
        Assert.Equal(["modified notes.txt"], told["listed"]!.AsArray().Select(line => (string?)line));
        Assert.Equal("200 200", $"{told["squash"]} {told["move"]}");
        Assert.Equal([$"{told["commitId"]} all in one"], told["commits"]!.AsArray().Select(line => (string?)line));
        Assert.Equal("one", (string?)told["old"]);
        Assert.Equal($"307 /{moved}/resolve/main/notes.txt?download=true", (string?)told["sent"]);
        Assert.Equal($"1 {moved} two 300000 300000 three", string.Join(' ', told["count"], told["name"], told["text"], told["size"], told["bytes"], told["later"]));
        Assert.Equal([".gitattributes", "notes.txt", "weights.bin"], told["files"]!.AsArray().Select(file => (string?)file));
        Assert.Equal($"409 {repo}", string.Join(' ', told["deletedByOldName"], told["taken"]));
        Assert.Equal([false, true], told["afterwards"]!.AsArray().Select(there => (bool)there!));
    }

    [Fact]
    public async Task Collection_MadeFilledArrangedAndDeleted_IsFollowedByTheClient()
    {
        await garden.PublishAsync("books/shelved", Repo.PathOf("deploy/samples/digits"));
        var draft = $"acme/draft-{Guid.NewGuid():n}";
        await garden.RunAsync("upload-folder", garden.Engineer, ("REPO", draft), ("FOLDER", Repo.PathOf("deploy/samples/digits")));

        var told = await garden.RunAsync("collections", garden.Engineer, ("READER", garden.Publisher), ("NAMESPACE", "acme"), ("REPOS", $"books/shelved,{draft}"));

        Assert.True((bool)told["ok"]!, told.ToJsonString());
        var (slug, filled) = ((string)told["slug"]!, told["filled"]!);
        Assert.Matches("^acme/test-collection-[-0-9a-f]{36}-[0-9a-f]{24}$", slug);
        Assert.Equal($"409 {slug}", $"{told["again"]!["status"]} {told["again"]!["slug"]}");
        Assert.Equal("409 400 404", string.Join(' ', told["twice"]!["status"], told["paper"]!["status"], told["missing"]!["status"]));
        Assert.Contains("'paper' is not kept in collections here", (string?)told["paper"]!["message"], StringComparison.Ordinal);
        Assert.Equal(["0 model books/shelved This is a <test> item", $"1 model {draft}"], Texts(told["lines"]!));
        Assert.Equal("This is a test collection orange False acme org 0", string.Join(' ', filled["description"], filled["theme"], (bool)filled["private"]!, filled["owner"]!["name"], filled["owner"]!["type"], filled["position"]));
        Assert.Equal($"{garden.Address}/collections/{slug}", (string?)filled["shareUrl"]);
        Assert.Equal("books image-classification auto This is a &lt;test&gt; item", string.Join(' ', filled["items"]![0]!["author"], filled["items"]![0]!["pipeline_tag"], filled["items"]![0]!["gated"], filled["items"]![0]!["note"]!["html"]));
        // No draft is shown to whom it is not.
        Assert.Equal(["0 model books/shelved This is a <test> item"], Texts(told["read"]!));
        Assert.Equal(["0 model books/shelved This is a <test> item"], Texts(told["anonymous"]!));
        Assert.Equal([slug], Texts(told["byItem"]!));
        Assert.Equal(["0 model books/shelved This is a <test> item", $"1 model {draft}"], Texts(Assert.Single(told["byWords"]!.AsArray())!));
        Assert.Empty(told["byOthers"]!.AsArray());
        Assert.Equal([(string?)told["second"], slug], Texts(told["limited"]!).Concat(Texts(told["next"]!)));
        Assert.Equal("200 True 200 True pink", string.Join(' ', told["moved"]!["status"], (bool)told["moved"]!["success"]!, told["renamed"]!["status"], (bool)told["renamed"]!["success"]!, told["renamed"]!["data"]!["theme"]));
        Assert.Equal([$"0 model {draft} now first", "1 model books/shelved This is a <test> item"], Texts(told["arranged"]!));
        Assert.Equal([$"0 model {draft} now first"], Texts(told["left"]!));
        Assert.Equal("404 404", $"{told["hidden"]!["status"]} {told["gone"]!["status"]}");
    }

    [Fact]
    public async Task Like_GivenAndTakenBack_IsCountedOnceAndListed()
    {
        var name = $"acme/liked-{Guid.NewGuid():n}";
        await garden.RunAsync("upload-folder", garden.Engineer, ("REPO", name), ("FOLDER", Repo.PathOf("deploy/samples/digits")));

        var told = await garden.RunAsync("likes", garden.Engineer, ("REPO", name));

        Assert.True((bool)told["ok"]!, told.ToJsonString());
        Assert.Equal("0 [200,200] 1 [200,200] 0", string.Join(' ', told["before"], told["liked"]!.ToJsonString(), told["after"], told["unliked"]!.ToJsonString(), told["left"]));
        Assert.Equal($"{name} 1", $"{told["first"]!["name"]} {told["first"]!["likes"]}");
        Assert.Equal(["ann"], Texts(told["likers"]!));
        Assert.Equal([$"model {name}"], Texts(told["own"]!));
    }

    [Fact]
    public async Task Submission_GivenBackMendedPublishedAndTakenDown_IsSeenByOthersWhenItMayBe()
    {
        var (name, better) = ($"books/reviewed-{Guid.NewGuid():n}", $"books/better-{Guid.NewGuid():n}");
        await garden.PublishAsync(better, Repo.PathOf("deploy/samples/digits"));

        var told = await garden.RunAsync(
            "review", garden.Publisher, ("CURATOR", garden.Curator), ("READER", garden.Engineer), ("REPO", name), ("SUCCESSOR", better), ("FOLDER", Repo.PathOf("deploy/samples/digits")));

        Assert.True((bool)told["ok"]!, told.ToJsonString());
        Assert.Equal("409 CHECKS_FAILED", (string?)told["bare"]);
        Assert.Equal(["scan-clean True", "card-valid True", "license-known True"], told["checks"]!["checks"]!.AsArray().Select(check => $"{check!["name"]} {(bool)check["passed"]!}"));
        Assert.Equal(["LIFECYCLE_SUBMITTED", "403 CURATORS_ONLY", "409 BAD_TRANSITION", "LIFECYCLE_IN_REVIEW", "400 COMMENT_MISSING", "LIFECYCLE_CHANGES_REQUESTED"], Texts(told["submitted"]!));
        // Approved is not yet published; and published is what was submitted, neither what came before nor what came after.
        Assert.Equal("404 [\"LIFECYCLE_SUBMITTED\",\"LIFECYCLE_IN_REVIEW\",\"LIFECYCLE_APPROVED\",404,\"LIFECYCLE_PUBLISHED\"]", $"{told["unseen"]} {told["again"]!.ToJsonString()}");
        Assert.Equal($"[true,true,404,\"{name}\"] [true,true,null]", $"{told["published"]!.ToJsonString()} {told["later"]!.ToJsonString()}");
        Assert.Equal("""["LIFECYCLE_DEPRECATED",true] ["LIFECYCLE_TAKEN_DOWN",404,404]""", $"{told["deprecated"]!.ToJsonString()} {told["takenDown"]!.ToJsonString()}");
        Assert.Equal(
            ["pat SUBMIT", "cora START_REVIEW", "cora REQUEST_CHANGES: Say what it is for", "pat SUBMIT", "cora START_REVIEW", "cora APPROVE", "cora PUBLISH", "cora DEPRECATE: There is a better one", "cora TAKE_DOWN: It was withdrawn by its authors"],
            Texts(told["history"]!));
        Assert.Equal("9 0 ", $"{told["verification"]!["steps"]} {told["verification"]!["unhashedSince"]} {told["verification"]!["fault"]}");
        Assert.Equal("403 404", $"{told["ownHistory"]} {told["elsewhere"]}");
    }

    [Fact]
    public async Task Downloads_OfManyFiles_AreOneOfTheRepository()
    {
        var name = $"acme/fetched-{Guid.NewGuid():n}";
        await garden.RunAsync("upload-folder", garden.Engineer, ("REPO", name), ("FOLDER", Repo.PathOf("deploy/samples/digits")));
        Assert.Equal(0, await garden.DownloadsAsync(name));

        await garden.RunAsync("download-all", garden.Engineer, ("REPO", name));
        await garden.RunAsync("download-all", garden.Engineer, ("REPO", name));

        Assert.Equal(1, await garden.DownloadsAsync(name));
    }

    [Fact]
    public async Task SignedUrl_Forged_IsExplainedByTheClient()
    {
        var name = $"acme/forged-{Guid.NewGuid():n}";
        await garden.RunAsync("upload-folder", garden.Engineer, ("REPO", name), ("FOLDER", Repo.PathOf("deploy/samples/digits")), ("VISIBILITY", "private"));

        var told = await garden.RunAsync("forged-urls", garden.Engineer, ("REPO", name));

        Assert.True((bool)told["ok"]!, told.ToJsonString());
        Assert.All([told["upload"]!, told["download"]!], refused => Assert.Equal("403", refused["status"]?.ToString()));
        Assert.All([told["upload"]!, told["download"]!], refused => Assert.StartsWith("the signature does not belong to this url", (string?)refused["message"], StringComparison.Ordinal));
    }

    private async Task RefusedAsync()
    {
        var refused = await garden.RunAsync("refused-download", garden.Engineer, ("REPO", "books/kjv"), ("FILE", "model.safetensors"));
        var anonymous = await garden.RunAsync("refused-download", "", ("REPO", "books/kjv"), ("FILE", "config.json"));
        var card = await garden.RunAsync("refused-download", garden.Engineer, ("REPO", "books/kjv"), ("FILE", "README.md"));

        Assert.Equal("403 GatedRepo auto", string.Join(' ', refused["status"], refused["errorCode"], refused["gated"]));
        Assert.Contains("apache-2.0", (string?)refused["message"], StringComparison.Ordinal);
        Assert.Single(System.Text.RegularExpressions.Regex.Matches((string)refused["errorMessage"]!, "admin or legal of acme"));
        Assert.Equal("401 GatedRepo", string.Join(' ', anonymous["status"], anonymous["errorCode"]));
        Assert.False((bool)card["ok"]!, "the card can be read before the licence is accepted");
    }

    private static IEnumerable<string?> Names(JsonNode found) => found["models"]!.AsArray().Select(model => (string?)model!["name"]);

    private static List<string?> LargeFiles(JsonNode downloaded) =>
        [.. downloaded["files"]!.AsArray().Where(file => file!["lfs"] is not null).Select(file => (string?)file!["path"])];

    private static SortedDictionary<string, string> Sums(string folder) => new(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(folder, file), file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))), StringComparer.Ordinal);

    // Every repository begins with rules for git that nobody uploaded.
    private static SortedDictionary<string, string> Sums(JsonNode downloaded) => new(downloaded["files"]!.AsArray()
        .Where(file => (string?)file!["path"] is not ".gitattributes").ToDictionary(file => (string)file!["path"]!, file => (string)file!["sha256"]!), StringComparer.Ordinal);
}

[Collection<SqliteGarden>]
public sealed class SqliteHubClientTests(SqliteGarden garden) : HubClientContract(garden);

[Collection<PostgresGarden>]
public sealed class PostgresHubClientTests(PostgresGarden garden) : HubClientContract(garden);
