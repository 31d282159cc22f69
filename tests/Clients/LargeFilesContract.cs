using System.Globalization;
using System.Text.Json.Nodes;
using ModelGarden.Testing;
using static ModelGarden.Clients.Told;

namespace ModelGarden.Clients;

/// <summary>Large files without Xet: in parts, by npm's <c>@huggingface/hub</c> and as Python's client sends them; and in pull requests, by either way.</summary>
public abstract class LargeFilesContract(ClientGarden garden)
{
    private const int Rest = 17;
    private static readonly string PartSize = ClientGarden.PartSize.ToString(CultureInfo.InvariantCulture);

    [Fact]
    public async Task Upload_InParts_ComesBackByteForByte()
    {
        var told = await garden.RunAsync("parts", garden.Engineer, ("REPO", $"acme/parts-{Guid.NewGuid():n}"), ("PART_SIZE", PartSize));

        Assert.True((bool)told["ok"]!, told.ToJsonString());
        Assert.Equal("the line is broken", (string?)told["broken"]);
        Assert.Equal(["POST complete  200", $"PUT parts/1 {PartSize} 200", $"PUT parts/2 {PartSize} 200", $"PUT parts/3 {Rest} 200"], Texts(told["rest"]!));
        // What is no longer than a part comes whole.
        Assert.Equal(["POST complete  200", $"PUT parts/1 {PartSize} 200", $"PUT parts/2 {PartSize} 200", $"PUT whole {PartSize} 200"], Texts(told["others"]!));
        Assert.Empty(told["again"]!.AsArray());
        Assert.Equal(4, told["read"]!.AsObject().Count);
        Assert.All(told["read"]!.AsObject(), file => Assert.Equal("true true true true", (string?)file.Value));
    }

    [Fact]
    public async Task Parts_AsPythonSendsThem_AreTakenOnceAndEachFaultIsNamed()
    {
        var id = $"{Guid.NewGuid():n}";

        var told = await garden.RunAsync(
            "python-parts", garden.Engineer, ("VERSION", "1.28.0"), ("REPO", $"acme/sent-{id}"), ("PART_SIZE", PartSize), ("OTHER", garden.Publisher), ("OTHER_REPO", $"books/sent-{id}"));

        Assert.True((bool)told["ok"]!, told.ToJsonString());
        AssertSent(told["inOrder"]!);
        AssertForeign(told["inOrder"]!["foreign"]!, id);
        AssertWrong(told["wrong"]!);
    }

    [Fact]
    public async Task Addresses_ThatHaveExpired_AreExplainedByTheClient()
    {
        var name = $"acme/expired-{Guid.NewGuid():n}";
        await garden.RunAsync("upload-folder", garden.Engineer, ("REPO", name), ("FOLDER", Repo.PathOf("deploy/samples/digits")));
        await garden.SetUploadLifetimeAsync(TimeSpan.FromTicks(1));

        var inParts = await garden.RunAsync("refused-upload", garden.Engineer, ("REPO", name), ("SIZE", $"{ClientGarden.PartSize + 1}"));
        var whole = await garden.RunAsync("refused-upload", garden.Engineer, ("REPO", name), ("SIZE", "2000000"));
        await garden.SetUploadLifetimeAsync(TimeSpan.FromHours(1));

        Assert.All([inParts, whole], refused => Assert.True((bool)refused["ok"]!, refused.ToJsonString()));
        Assert.All([inParts, whole], refused => Assert.Equal("403", refused["status"]?.ToString()));
        Assert.All([inParts, whole], refused => Assert.Contains("the url has expired: ask for a new one", (string?)refused["message"], StringComparison.Ordinal));
    }

    [Fact]
    public async Task PullRequest_WithLargeFiles_IsReadMergedAndReadFromMain()
    {
        var told = await garden.RunAsync("large-pull-requests", garden.Engineer, ("REPO", $"acme/pulled-{Guid.NewGuid():n}"), ("SIZE", "3000000"));

        Assert.True((bool)told["ok"]!, told.ToJsonString());
        foreach (var (way, number) in new[] { ("xet", 1), ("lfs", 2) })
        {
            var pull = told[way]!;
            Assert.Equal($"""true ["{(way is "xet" ? "xorb" : "put")}"] [true,null]""", $"{pull["url"]!.ToJsonString()} {pull["sent"]!.ToJsonString()} {pull["before"]!.ToJsonString()}");
            Assert.Equal([$"weights/{way}-2.bin 3000000 true", $"weights/{way}.bin 3000000 true"], Texts(pull["listed"]!));
            Assert.Equal($"refs/pr/{number} true true", (string?)pull["ref"]);
            Assert.Equal("200 merged [true,true,true]", $"{pull["merged"]} {pull["status"]} {pull["after"]!.ToJsonString()}");
        }
    }

    private static void AssertSent(JsonNode sent)
    {
        Assert.Equal($"lfs multipart {PartSize} 3 true", $"{sent["mode"]} {sent["upload"]}");
        Assert.Matches("^404 - file [0-9a-f]{64} has not arrived: send it again$", (string)sent["early"]!);
        Assert.Equal("true [200,200] 200 200 true true", string.Join(' ', sent["etags"]!.ToJsonString(), sent["completed"]!.ToJsonString(), sent["verified"], sent["committed"], sent["stored"]!.ToJsonString(), sent["read"]!.ToJsonString()));
        Assert.Equal("409 ALREADY_COMPLETE this upload is complete: there is nothing more to send", (string?)sent["late"]);
    }

    private static void AssertForeign(JsonNode foreign, string id)
    {
        Assert.All(["batch", "verify"], call => Assert.StartsWith($"404 RepoNotFound there is no repository 'acme/sent-{id}'", (string?)foreign[call], StringComparison.Ordinal));
        Assert.StartsWith("401 RepoNotFound", (string?)foreign["anonymous"], StringComparison.Ordinal);
        Assert.Equal("multipart 3 false", (string?)foreign["own"]);
        Assert.Equal("400 PART_MISSING part 1 has not come: send it, and complete again", (string?)foreign["claimed"]);
        Assert.StartsWith("403 BAD_SIGNATURE", (string?)foreign["crossed"], StringComparison.Ordinal);
        Assert.StartsWith("400 - 'weights.bin': your tenant has not uploaded", (string?)foreign["committed"], StringComparison.Ordinal);
        Assert.Matches("^404 - file [0-9a-f]{64} has not arrived", (string)foreign["verified"]!);
    }

    private static void AssertWrong(JsonNode wrong)
    {
        Assert.Equal("400 PART_MISSING part 2 has not come: send it, and complete again", (string?)wrong["missing"]);
        Assert.Equal("400 PART_MISSING part 2 is not listed: send it, and complete again", (string?)wrong["unlisted"]);
        Assert.Equal("400 PART_CHANGED part 2 is not the one that the completion's etag names: list the etag of its last upload", (string?)wrong["etag"]);
        Assert.Equal($"400 WRONG_LENGTH the body has {ClientGarden.PartSize - 1} bytes where {PartSize} were announced: nothing was kept", (string?)wrong["short"]);
        Assert.All(["forged", "renumbered", "beyond", "asWhole", "unfinished"], address => Assert.StartsWith("403 BAD_SIGNATURE the signature does not belong to this url", (string?)wrong[address], StringComparison.Ordinal));
        Assert.Matches("^400 WRONG_BYTES the bytes that came have the sha256 [0-9a-f]{64}, not [0-9a-f]{64} as announced: nothing was kept, send the file again$", (string)wrong["bytes"]!);
        Assert.Matches("^400 WRONG_OID oid '[0-9a-f]+.*' is not the file that this upload is for$", (string)wrong["otherFile"]!);
        Assert.Equal("200 200", $"{wrong["shuffled"]} {wrong["verified"]}");
        Assert.Matches($"^422 - file [0-9a-f]{{64}} has {(2 * ClientGarden.PartSize) + 5} bytes here, not {(2 * ClientGarden.PartSize) + 4}$", (string)wrong["resized"]!);
    }
}

[Collection<SqliteGarden>]
public sealed class SqliteLargeFilesTests(SqliteGarden garden) : LargeFilesContract(garden);

[Collection<PostgresGarden>]
public sealed class PostgresLargeFilesTests(PostgresGarden garden) : LargeFilesContract(garden);
