using System.Text.Json.Nodes;
using ModelGarden.Testing;
using static ModelGarden.Clients.Told;

namespace ModelGarden.Clients;

/// <summary>Repositories made out of others, and large files of them given on, as Python's client asks for it, old and new.</summary>
public abstract class DuplicateClientContract(ClientGarden garden)
{
    private const string License = "bsd-3-clause";

    [Theory]
    [InlineData("0.20.3")]
    [InlineData("1.28.0")]
    public async Task Duplicate_OfOnesOwn_HasItsFilesWithoutTheirBytesBeingSent(string version)
    {
        var told = await garden.RunAsync(
            "duplicate", garden.Engineer, ("VERSION", version), ("NAMESPACE", "acme"), ("ACCOUNT", "ann"), ("OTHER", garden.Publisher), ("OTHER_NAMESPACE", "books"));

        Assert.True((bool)told["ok"]!, told.ToJsonString());
        var isOld = version.StartsWith("0.", StringComparison.Ordinal);
        foreach (var kind in isOld ? ["space"] : new[] { "model", "dataset", "space" })
        {
            AssertDuplicated(told[kind]!, $"{garden.Address}/{(kind is "model" ? "" : $"{kind}s/")}acme");
        }

        if (!isOld)
        {
            AssertCopied(told["files"]!);
        }
    }

    [Fact]
    public async Task Duplicate_OfAModelOfOthers_IsMadeWhenTheyMayHaveIt()
    {
        var (name, copy) = ($"books/shown-{Guid.NewGuid():n}", $"acme/copy-{Guid.NewGuid():n}");
        await garden.AddLicenseAsync(License);
        await PublishAsync(name);

        var refused = await DuplicateAsync(name, copy);
        await garden.AcceptAsync(License);
        var made = await DuplicateAsync(name, copy);

        Assert.True((bool)refused["ok"]! && (bool)made["ok"]!, $"{refused.ToJsonString()} {made.ToJsonString()}");
        Assert.All(["given", "made"], answer => Assert.StartsWith("403 GatedRepo LICENSE_NOT_ACCEPTED", (string?)refused[answer], StringComparison.Ordinal));
        Assert.Equal("404", refused["there"]!.ToString());
        Assert.Equal($"200 [] 200 {garden.Address}/{copy}", $"{made["given"]} {made["made"]}");
        // Made, not published: nobody else sees it yet.
        Assert.Equal($"false draft {name} true true", string.Join(' ', made["private"]!.ToJsonString(), made["garden"]!["lifecycle"], made["garden"]!["origin"], made["same"]!.ToJsonString(), made["read"]!.ToJsonString()));
        Assert.Equal($"""["{License}"]""", made["garden"]!["licenses"]!.ToJsonString());
        Assert.Equal("404 RepoNotFound", (string?)made["others"]);
    }

    private static void AssertDuplicated(JsonNode told, string space)
    {
        Assert.Equal($"200 {space}/copy-…", (string?)told["made"]);
        Assert.Equal($"409 {space}/copy-…", (string?)told["again"]);
        Assert.Equal($"200 {space}/shown-…", (string?)told["shown"]);
        Assert.Equal($"409 {space}/source-…", (string?)told["itself"]);
        Assert.StartsWith("403 - ann belongs to acme and cannot write to books/copy-…: only members of books can", (string?)told["elsewhere"], StringComparison.Ordinal);
        Assert.StartsWith("404 RepoNotFound", (string?)told["stranger"], StringComparison.Ordinal);
        Assert.StartsWith("401 ", (string?)told["anonymous"], StringComparison.Ordinal);
        Assert.Equal("400", told["protected"]!.ToString());
        Assert.Equal(["Duplicate of acme/source-…"], Texts(told["titles"]!));
        Assert.Equal($"{License} [true,true,false]", $"{told["license"]} {told["visibilities"]!.ToJsonString()}");
        Assert.All(["same", "stored", "read"], fact => Assert.True((bool)told[fact]!, fact));
        Assert.Equal("404 RepoNotFound", (string?)told["gone"]);
    }

    private static void AssertCopied(JsonNode files)
    {
        Assert.Equal("0 true 200 [] 200", string.Join(' ', files["there"], files["hash"]!.ToJsonString(), files["given"], files["committed"]));
        Assert.Equal("true grüße", $"{files["read"]!.ToJsonString()} {files["text"]}");
        Assert.Equal(["64 no revision of acme/from-… that you may see has it"], Texts(files["unknown"]!));
        Assert.Equal("404 RepoNotFound 403", $"{files["stranger"]} {files["elsewhere"]}");
    }

    private async Task PublishAsync(string name)
    {
        var folder = Directory.CreateTempSubdirectory();
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "README.md"), $"---\nlicense: {License}\n---\n# Shown\n", Patience.Cancel);
        File.Copy(Repo.PathOf("deploy/samples/digits/digits.safetensors"), Path.Combine(folder.FullName, "digits.safetensors"));
        await garden.PublishAsync(name, folder.FullName);
        folder.Delete(recursive: true);
    }

    private Task<JsonNode> DuplicateAsync(string name, string copy) => garden.RunAsync(
        "duplicate-shown", garden.Engineer, ("VERSION", "1.28.0"), ("REPO", name), ("COPY", copy), ("FILE", "digits.safetensors"), ("OTHER", garden.Publisher));
}

[Collection<SqliteGarden>]
public sealed class SqliteDuplicateClientTests(SqliteGarden garden) : DuplicateClientContract(garden);

[Collection<PostgresGarden>]
public sealed class PostgresDuplicateClientTests(PostgresGarden garden) : DuplicateClientContract(garden);
