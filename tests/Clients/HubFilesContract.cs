using System.Text.Json.Nodes;
using ModelGarden.Testing;
using static ModelGarden.Clients.Told;

namespace ModelGarden.Clients;

/// <summary>npm's <c>@huggingface/hub</c>, unchanged, with what repositories hold: odd names, many files, data sets and apps, and its cache of them.</summary>
public abstract class HubFilesContract(ClientGarden garden)
{
    [Fact]
    public async Task Snapshot_TakenAgain_FetchesOnlyWhatChanged()
    {
        var repo = $"acme/cached-{Guid.NewGuid():n}";

        var told = await garden.RunAsync("client-cache", garden.Engineer, ("REPO", repo), ("FOLDER", Repo.PathOf("deploy/samples/kjv-llama")));

        Assert.True((bool)told["ok"]!, told.ToJsonString());
        Assert.Equal(["committing", "fileProgress", "preuploading", "uploadingLargeFiles"], Texts(told["phases"]!));
        Assert.Equal(12, told["first"]!.AsArray().Count);
        Assert.Equal(" true x 0 y", string.Join(' ', told["differs"], told["isHead"]!.ToJsonString(), told["odd"], told["empty"], told["odd2"]));
        Assert.Equal("[] []", $"{told["again"]!.ToJsonString()} {told["pinned"]!.ToJsonString()}");
        Assert.Equal(["größe/a b.txt"], Texts(told["changed"]!));
        Assert.Equal($"model {repo} true main", string.Join(' ', told["scanned"]![0], told["revisions"]!.ToJsonString(), told["refs"]![0]));
        Assert.Empty(told["warnings"]!.AsArray());
        Assert.Equal("version oid size ", (string?)told["pointer"]);
        Assert.Equal("935040 38", $"{told["parameters"]!["F32"]} {told["tensors"]}");
        Assert.Equal("401 true", $"{told["refused"]} {told["listed"]!.ToJsonString()}");
    }

    [Fact]
    public async Task Names_ThatMustBeEncoded_AreThoseOfTheFiles()
    {
        var told = await garden.RunAsync("odd-names", garden.Engineer, ("REPO", $"acme/odd-{Guid.NewGuid():n}"));

        Assert.True((bool)told["ok"]!, told.ToJsonString());
        Assert.All(["unlisted", "undescribed", "undated", "wrong"], list => Assert.Empty(Texts(told[list]!)));
        Assert.Equal("0", told["more"]!.ToString());
        Assert.Equal(["日本語/ファイル.txt", "日本語/ファイル.txt.empty"], Texts(told["folder"]!));
        Assert.All(told["sizes"]!.AsArray(), size => Assert.Equal(0, (int)size!));
        Assert.Equal("neu   Größe 🌱", string.Join(' ', told["onBranch"], told["deleted"], told["onMain"], told["title"]));
        Assert.Equal("true [404,false]", $"{told["head"]!.ToJsonString()} {told["gone"]!.ToJsonString()}");
    }

    [Fact]
    public async Task Repository_OfTenThousandFiles_IsListedToItsEnd()
    {
        var told = await garden.RunAsync("many-files", garden.Engineer, ("REPO", $"acme/many-{Guid.NewGuid():n}"));

        Assert.True((bool)told["ok"]!, told.ToJsonString());
        Assert.Equal("200 10001 true 11", string.Join(' ', told["committed"], told["files"], told["different"]!.ToJsonString(), told["folders"]));
        Assert.Equal("1000 false 7 true", string.Join(' ', told["first"], told["overlaps"]!.ToJsonString(), told["few"], told["goesOn"]!.ToJsonString()));
        Assert.Equal("true 1000 10001 1000", string.Join(' ', told["dated"]!.ToJsonString(), told["folder"], told["siblings"], told["described"]));
        Assert.Equal("9999 data/part-09/file 09999.txt", $"{told["last"]} {told["lastPath"]}");
    }

    [Fact]
    public async Task DataSetsAndApps_AreServedAsModelsAre()
    {
        var told = await garden.RunAsync("shelves", garden.Engineer, ("NAMESPACE", "acme"));

        Assert.True((bool)told["ok"]!, told.ToJsonString());
        foreach (var kind in new[] { "dataset", "space" })
        {
            var shelf = told[kind]!;
            Assert.Equal($"{garden.Address}/{kind}s/…", (string?)shelf["url"]);
            Assert.Equal([".gitattributes", "README.md", "data", "data/größe 1.bin"], Texts(shelf["files"]!));
            Assert.All(["name", "private", "card"], fact => Assert.True((bool)shelf[fact]!, $"{kind}: {fact}"));
            Assert.Equal("apache-2.0 2000000 2000000", string.Join(' ', shelf["license"], shelf["large"], shelf["cached"]));
            Assert.Equal("granted 401", $"{shelf["access"]} {shelf["anonymous"]}");
            Assert.All(["asModel", "gone"], fact => Assert.False((bool)shelf[fact]!, $"{kind}: {fact}"));
        }

        Assert.Equal("static", (string?)told["space"]!["sdk"]);
    }
}

[Collection<SqliteGarden>]
public sealed class SqliteHubFilesTests(SqliteGarden garden) : HubFilesContract(garden);

[Collection<PostgresGarden>]
public sealed class PostgresHubFilesTests(PostgresGarden garden) : HubFilesContract(garden);
