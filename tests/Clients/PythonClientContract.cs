using System.Text.Json.Nodes;
using static ModelGarden.Clients.Told;

namespace ModelGarden.Clients;

/// <summary>What Python's client sends and reads, old and new, sent by hand.</summary>
public abstract class PythonClientContract(ClientGarden garden)
{
    [Theory]
    [InlineData("0.20.3")]
    [InlineData("1.28.0")]
    public async Task Flow_OfEveryCall_IsAnsweredInTheProtocolsWords(string version)
    {
        var name = $"python-{Guid.NewGuid():n}";

        var told = await garden.RunAsync("python-client", garden.Engineer, ("NAMESPACE", "acme"), ("NAME", name), ("VERSION", version));

        Assert.True((bool)told["ok"]!, told.ToJsonString());
        Assert.Equal("ann 200 404", string.Join(' ', told["name"], told["harnesses"], told["telemetry"]));
        Assert.Equal($"200 {garden.Address}/acme/{name}", (string?)told["created"]!["made"]);
        Assert.Equal($"409 {garden.Address}/acme/{name}", (string?)told["created"]!["again"]);
        AssertUploaded(told["uploaded"]!, version.StartsWith("1.", StringComparison.Ordinal));
        AssertRead(told["read"]!);
        AssertDownloaded(told["downloaded"]!, name);
        AssertRefs(told["refs"]!, version.StartsWith("1.", StringComparison.Ordinal));
        AssertRefused(told["refused"]!, name);
        AssertDiscussed(told["discussed"]!);
        AssertAbout(told["about"]!);
        Assert.Equal("200 [200,200,401] 200 200", string.Join(' ', told["ended"]!["settings"], told["ended"]!["checks"]!.ToJsonString(), told["ended"]!["listed"], told["ended"]!["deleted"]));
        Assert.StartsWith("404 RepoNotFound", (string?)told["ended"]!["gone"], StringComparison.Ordinal);
    }

    private static void AssertUploaded(JsonNode uploaded, bool ignores)
    {
        Assert.Equal(
            ["README.md regular false", "weights/größe 1.bin lfs false", "empty.txt regular false", $"sub/dir/notes.tmp regular {(ignores ? "true" : "false")}"],
            Texts(uploaded["modes"]!));
        Assert.Equal("200 0 400 true", (string?)uploaded["validated"]);
        Assert.Equal("basic 200 200 true", (string?)uploaded["batch"]);
        Assert.Equal("200 true", $"{uploaded["committed"]} {uploaded["commitUrl"]!.ToJsonString()}");
        Assert.Equal("[true,true,true,true]", uploaded["unchanged"]!.ToJsonString());
    }

    private static void AssertRead(JsonNode read)
    {
        Assert.True((bool)read["info"]!);
        Assert.Equal("3000000 true 132 40", (string?)read["blobs"]);
        Assert.Equal(["_id", "id", "modelId", "private", "sha", "siblings", "xetEnabled"], Texts(read["expanded"]!));
        Assert.Equal(
            ["file README.md 38", "file empty.txt 0", "directory sub 0", "directory sub/dir 0", "file sub/dir/a b.txt 7", "directory weights 0", "file weights/größe 1.bin 3000000"],
            Texts(read["tree"]!).Skip(1));
        Assert.Equal(["sub/dir/a b.txt Upload it"], Texts(read["below"]!));
        Assert.StartsWith("404 EntryNotFound", (string?)read["missing"], StringComparison.Ordinal);
        Assert.Equal(["weights/größe 1.bin", "sub"], Texts(read["paths"]!));
        Assert.Equal(["Upload it by ann", "initial commit by ann"], Texts(read["commits"]!));
    }

    private static void AssertDownloaded(JsonNode downloaded, string name)
    {
        Assert.Equal("200 true true 7", (string?)downloaded["regular"]);
        Assert.Equal("302 true true 3000000 true", (string?)downloaded["lfs"]);
        Assert.Equal("200 0", (string?)downloaded["empty"]);
        Assert.Equal("200 true", (string?)downloaded["whole"]);
        Assert.Equal("206 bytes 2999990-2999999/3000000 10", (string?)downloaded["part"]);
        Assert.Equal("206 bytes 4-6/7 ße", (string?)downloaded["tail"]);
        Assert.Equal("416 bytes */7 416 bytes */3000000", (string?)downloaded["past"]);
        Assert.Equal($"404 EntryNotFound no file 'missing.txt' in acme/{name} at main true", (string?)downloaded["gone"]);
    }

    private static void AssertRefs(JsonNode refs, bool withPullRequests)
    {
        Assert.Equal("[200,409] [200,200,404]", $"{refs["branch"]!.ToJsonString()} {refs["deleted"]!.ToJsonString()}");
        Assert.Equal(["200 -", "409 -", "404 RevisionNotFound"], Texts(refs["tag"]!));
        Assert.Equal(["refs/heads/feat/x true", "refs/heads/main true", "refs/tags/v1.0 true"], Texts(refs["listed"]!));
        Assert.Equal(withPullRequests ? ["branches", "converts", "pullRequests", "tags"] : ["branches", "converts", "tags"], Texts(refs["kinds"]!));
        Assert.Equal("[true,true,true,true]", refs["seen"]!.ToJsonString());
    }

    private static void AssertRefused(JsonNode refused, string name)
    {
        var told = refused["refused"]!.AsObject().ToDictionary(one => one.Key, one => (string?)one.Value);
        Assert.StartsWith("412 - refs/heads/main is at", told["stale"], StringComparison.Ordinal);
        Assert.Equal("404 EntryNotFound A file with this name doesn't exist: there is no file 'absent.txt' to delete", told["absent"]);
        Assert.StartsWith("400 - 'y.bin': your tenant has not uploaded", told["unknown"], StringComparison.Ordinal);
        Assert.StartsWith("404 RepoNotFound there is no repository 'nobody/nothing'", told["repository"], StringComparison.Ordinal);
        Assert.StartsWith($"401 RepoNotFound there is no repository 'acme/{name}'", told["anonymous"], StringComparison.Ordinal);
        // Clients know a bad token by these words, and take any other 401 for a missing repository.
        Assert.Equal("401 - Invalid credentials in Authorization header", told["wrong"]);
        Assert.StartsWith("404 RevisionNotFound", told["revision"], StringComparison.Ordinal);
        Assert.StartsWith("401 RepoNotFound", told["blocked"], StringComparison.Ordinal);
        Assert.Equal("200", refused["copied"]!.ToString());
        Assert.Equal(["README.md 38", "copy 0", "copy/of.bin 3000000", "empty.txt 0", "weights 0", "weights/größe 1.bin 3000000"], Texts(refused["left"]!).Skip(1));
    }

    private static void AssertDiscussed(JsonNode discussed)
    {
        Assert.True((bool)discussed["addresses"]!);
        Assert.Equal("a *word* another true", (string?)discussed["comment"]);
        Assert.Equal("Why not? 200", (string?)discussed["changed"]);
        Assert.Equal("200", discussed["merged"]!.ToString());
        Assert.Matches("^409 - [0-9a-f]{40} cannot be merged into refs/heads/main: both have changed 'shared.txt'$", (string)discussed["conflict"]!);
        Assert.Equal(["shared.txt"], Texts(discussed["conflicts"]!));
        Assert.Equal(["3 false closed Why not?", "2 true open Change shared.txt", "1 true merged Change shared.txt"], Texts(discussed["list"]!));
        Assert.Equal("3", discussed["count"]!.ToString());
        Assert.Equal(["comment", "comment", "title-change", "status-change", "comment"], Texts(discussed["events"]!));
        Assert.Equal("one two", $"{discussed["text"]} {discussed["ref"]}");
    }

    private static void AssertAbout(JsonNode about)
    {
        Assert.Equal("ann ann user false acme", (string?)about["user"]);
        Assert.Equal("acme acme org true number", (string?)about["org"]);
        Assert.Equal("ann [404,404,404] [[],[],[]]", $"{about["member"]} {about["unknown"]!.ToJsonString()} {about["followers"]!.ToJsonString()}");
        Assert.Equal("""{"id":"license:apache-2.0","label":"apache-2.0","type":"license"}""", about["tag"]!.ToJsonString());
        Assert.Equal(
            """[["language","library","license","other","pipeline_tag"],["language","license","other","size_categories","task_categories"]]""", about["types"]!.ToJsonString());
    }
}

[Collection<SqliteGarden>]
public sealed class SqlitePythonClientTests(SqliteGarden garden) : PythonClientContract(garden);

[Collection<PostgresGarden>]
public sealed class PostgresPythonClientTests(PostgresGarden garden) : PythonClientContract(garden);
