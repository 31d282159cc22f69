using System.Text;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Catalog.Tests;

/// <summary>Ids are those that git gives the same content.</summary>
public abstract class GitIdentityTests(Engine engine) : CatalogContract(engine)
{
    [Fact]
    public async Task CreateCommit_NamesThatSortUnlikeText_HasTheIdsOfGit()
    {
        await CreateAsync();
        var files = new Dictionary<string, byte[]>
        {
            ["foo.txt"] = "a"u8.ToArray(),
            ["foo/bar"] = "b"u8.ToArray(),
            ["foo-x"] = "c"u8.ToArray(),
            ["foo0"] = [],
            ["a/b/c/d/e.bin"] = [0, 1, 2, 255],
            ["größe/ß.txt"] = "ä\r\n"u8.ToArray(),
            ["日本語/モデル.json"] = "{}"u8.ToArray(),
            ["\U0001F999.md"] = "llama"u8.ToArray(),
            ["\uFF5E.md"] = "behind the llama in UTF-16, before it in UTF-8"u8.ToArray(),
            ["Zoo"] = "z"u8.ToArray(),
            ["with blank/x y.txt"] = "x"u8.ToArray(),
        };

        var commit = await CommitAsync([.. files.Select(file => Add(file.Key, file.Value))]);

        using var git = await Git.InitAsync();
        var tree = await git.WriteTreeAsync(files);
        Assert.Equal(tree, commit.Tree);
        Assert.Equal(await git.CommitTreeAsync(tree, null, "ann", commit.At.ToDateTimeOffset(), "change\n"), commit.Id);
    }

    [Fact]
    public async Task CreateCommit_SecondWithDescription_HasTheIdsOfGit()
    {
        await CreateAsync();
        var first = await CommitAsync(Add("a/one", "1"), Add("a/two", "2"), Add("b/three", "3"));
        var request = Request(Delete("a/one"), Add("b/four", "4"), Copy("a/two", "c"));
        request.Summary = " Add “four” ";
        request.Description = "\nWith two lines:\r\nthis one is ünicode.\n\n";
        var second = await Engineer.CreateCommitAsync(request, cancellationToken: Cancel);

        using var git = await Git.InitAsync();
        var tree = await git.WriteTreeAsync(new Dictionary<string, byte[]> { ["a/two"] = "2"u8.ToArray(), ["b/three"] = "3"u8.ToArray(), ["b/four"] = "4"u8.ToArray(), ["c"] = "2"u8.ToArray() });
        Assert.Equal(tree, second.Tree);
        Assert.Equal([first.Id], second.Parents);
        Assert.Equal(
            await git.CommitTreeAsync(tree, await FirstAsync(git), "ann", second.At.ToDateTimeOffset(), "Add “four”\n\nWith two lines:\nthis one is ünicode.\n"), second.Id);

        async Task<string> FirstAsync(Git repository)
        {
            var before = await repository.WriteTreeAsync(new Dictionary<string, byte[]> { ["a/one"] = "1"u8.ToArray(), ["a/two"] = "2"u8.ToArray(), ["b/three"] = "3"u8.ToArray() });
            return await repository.CommitTreeAsync(before, null, "ann", first.At.ToDateTimeOffset(), "change\n");
        }
    }

    [Fact]
    public async Task CreateCommit_LargeFile_HasTheIdOfItsPointerInGit()
    {
        await CreateAsync();
        var file = Artifacts.Upload("acme", "weights", 5_000_000_000);

        var commit = await CommitAsync(Large("model.safetensors", file));

        var pointer = Encoding.UTF8.GetBytes($"version https://git-lfs.github.com/spec/v1\noid sha256:{file.Sha256}\nsize 5000000000\n");
        using var git = await Git.InitAsync();
        var tree = await git.WriteTreeAsync(new Dictionary<string, byte[]>
        {
            ["model.safetensors"] = pointer,
            [".gitattributes"] = "model.safetensors filter=lfs diff=lfs merge=lfs -text\n"u8.ToArray(),
        });
        Assert.Equal(tree, commit.Tree);
        var read = await Engineer.ReadFileAsync(new() { Name = Model, Path = "model.safetensors" }, cancellationToken: Cancel);
        Assert.Equal(pointer, read.Content.ToByteArray());
        Assert.Equal((file.Sha256, 5_000_000_000, pointer.Length), (read.Entry.Sha256, read.Entry.Size, read.Entry.PointerSize));
    }

    [Fact]
    public async Task CreateCommit_LargeFilesWithTroublesomeNames_AreLargeToGitToo()
    {
        string[] paths = ["plain.bin", "with blank.bin", "sub/with  two.bin", "star*.bin", "what?.bin", "[x].bin", "#hash.bin", "!not.bin", "\"quoted\".bin", "ü/日本.bin", "model.gguf"];
        await CreateAsync();
        var file = Artifacts.Upload("acme", "weights", 123_456_789);

        await CommitAsync([Add(".gitattributes", "*.gguf filter=lfs diff=lfs merge=lfs -text"), .. paths.Select(path => Large(path, file))]);

        var attributes = (await Engineer.ReadFileAsync(new() { Name = Model, Path = ".gitattributes" }, cancellationToken: Cancel)).Content.ToByteArray();
        using var git = await Git.InitAsync();
        await File.WriteAllBytesAsync(Path.Combine(git.Folder, ".gitattributes"), attributes, Cancel);
        var input = Encoding.UTF8.GetBytes(string.Join('\0', paths.Append("starry.bin").Append("other.txt")) + "\0");
        var told = (await git.RunAsync(["check-attr", "-z", "--stdin", "filter"], input)).Split('\0', StringSplitOptions.RemoveEmptyEntries).Chunk(3).ToDictionary(part => part[0], part => part[2]);
        Assert.All(paths, path => Assert.Equal("lfs", told[path]));
        Assert.Equal(["unspecified", "unspecified"], [told["starry.bin"], told["other.txt"]]);
        Assert.Equal(paths.Length, Encoding.UTF8.GetString(attributes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }
}

public sealed class GitIdentityOnSqliteTests() : GitIdentityTests(Engine.Sqlite);

public sealed class GitIdentityOnPostgresTests() : GitIdentityTests(Engine.Postgres);
