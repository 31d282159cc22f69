using System.Security.Cryptography;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Clients;

/// <summary>Stock <c>git</c> and <c>git-lfs</c> against a garden behind its Gateway.</summary>
public abstract class GitClientContract(ClientGarden garden)
{
    private const string Card = "---\nlicense: apache-2.0\n---\n# Small\n\nA model.\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Push_OfAllThatIsKept_IsClonedElsewhereWithEqualIds()
    {
        await using var user = await GitUser.CreateAsync();
        var remote = await StartAsync(user, "acme/whole", "a");
        await user.CommitAsync("a", "README.md", Card, "First\n\nWith more to say: ünicode.");
        await user.GitAsync("a", "config", "core.fileMode", "false");
        user.Write("a", "run.sh", "#!/bin/sh\n");
        user.Write("a", "empty.txt", "");
        user.Write("a", "größe/日本語/a b.txt", "x");
        await user.GitAsync("a", "add", "-A");
        await user.GitAsync("a", "update-index", "--chmod=+x", "run.sh");
        await user.GitAsync("a", "-c", "user.name=Łódź  Smith", "commit", "-q", "--date=2001-02-03T04:05:06+0530", "--allow-empty-message", "-m", "");
        await user.GitAsync("a", "switch", "-q", "-c", "feat/side", "HEAD~1");
        await user.CommitAsync("a", "side.txt", "side");
        await user.GitAsync("a", "switch", "-q", "main");
        await user.GitAsync("a", "merge", "-q", "--no-ff", "-m", "Merge it", "feat/side");
        await user.GitAsync("a", "tag", "light");
        await user.GitAsync("a", "tag", "-a", "v1", "-m", "Version one", "HEAD~1");

        await user.GitAsync("a", "push", "-q", "--all", "origin");
        await user.GitAsync("a", "push", "-q", "--tags", "origin");
        await user.GitAsync("", "clone", "-q", remote, "b");

        await user.AssertWholeAsync("b");
        Assert.Equal(await user.RefsAsync("a", "refs/tags"), await user.RefsAsync("b", "refs/tags"));
        Assert.Equal(await user.GitAsync("a", "rev-parse", "main", "feat/side"), await user.GitAsync("b", "rev-parse", "origin/main", "origin/feat/side"));
        Assert.Equal(await user.ObjectsAsync("a"), await user.ObjectsAsync("b"));
        Assert.Equal("", await user.GitAsync("b", "status", "--porcelain"));
        Assert.StartsWith("100755 ", await user.GitAsync("b", "ls-files", "-s", "run.sh"), StringComparison.Ordinal);
        Assert.Equal("Version one", await user.GitAsync("b", "tag", "-l", "--format=%(contents:subject)", "v1"));
    }

    [Fact]
    public async Task Fetch_AfterCommitsOfBothKinds_BringsThemAndNothingElse()
    {
        await using var user = await GitUser.CreateAsync();
        var remote = await StartAsync(user, "acme/fetched", "a");
        foreach (var i in Enumerable.Range(0, 20))
        {
            user.Write("a", $"folder-{i % 5}/file-{i}.txt", $"{i}");
        }

        await user.CommitAsync("a", "README.md", Card);
        await user.GitAsync("a", "push", "-q", "origin", "main");
        await user.GitAsync("", "clone", "-q", remote, "b");
        await user.CommitAsync("a", "folder-1/file-1.txt", "changed");
        await user.GitAsync("a", "push", "-q", "origin", "main");
        var commit = await garden.CatalogAs(People.Engineer()).CreateCommitAsync(
            new() { Name = "acme/fetched", Summary = "from the api", Operations = { new Operation { AddFile = new() { Path = "api.txt", Content = Google.Protobuf.ByteString.CopyFromUtf8("x") } } } },
            cancellationToken: Cancel);

        var (_, _, told) = await user.TryAsync("b", "fetch", "--progress");
        await user.GitAsync("b", "merge", "-q", "--ff-only", "origin/main");

        // Two commits, their roots, a folder, and two files.
        Assert.Contains("Sending 7 objects", told, StringComparison.Ordinal);
        Assert.Equal(commit.Id, await user.GitAsync("b", "rev-parse", "HEAD"));
        await user.AssertWholeAsync("b");
        Assert.Contains("fetch first", await user.RefusedAsync("a", "push", "origin", "main"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_OfBranchesThatParted_FindsWhatIsCommon()
    {
        await using var user = await GitUser.CreateAsync();
        var remote = await StartAsync(user, "acme/parted", "a");
        foreach (var i in Enumerable.Range(0, 40))
        {
            await user.CommitAsync("a", "file.txt", $"{i}");
        }

        await user.GitAsync("a", "push", "-q", "origin", "main");
        await user.GitAsync("", "clone", "-q", remote, "b");
        foreach (var i in Enumerable.Range(0, 40))
        {
            await user.CommitAsync("b", "own.txt", $"{i}");
        }

        await user.CommitAsync("a", "file.txt", "last");
        await user.GitAsync("a", "push", "-q", "origin", "main");
        var (_, _, told) = await user.TryAsync("b", "fetch", "--progress");

        Assert.Contains("Sending 3 objects", told, StringComparison.Ordinal);
        await user.GitAsync("b", "pull", "-q", "--no-rebase", "--no-edit");
        await user.GitAsync("b", "push", "-q", "origin", "main");
        await user.GitAsync("a", "pull", "-q", "--ff-only", "origin", "main");
        await user.AssertWholeAsync("a");
    }

    [Fact]
    public async Task Clone_Shallow_IsDeepenedToTheWhole()
    {
        await using var user = await GitUser.CreateAsync();
        var remote = await StartAsync(user, "acme/deep", "a");
        foreach (var i in Enumerable.Range(0, 6))
        {
            await user.CommitAsync("a", $"file-{i}.txt", $"{i}");
        }

        await user.GitAsync("a", "push", "-q", "origin", "main");
        await user.GitAsync("", "clone", "-q", "--depth", "2", remote, "b");
        Assert.Equal("2", await user.GitAsync("b", "rev-list", "--count", "HEAD"));
        await user.AssertWholeAsync("b");

        await user.GitAsync("b", "fetch", "-q", "--deepen", "1");
        Assert.Equal("3", await user.GitAsync("b", "rev-list", "--count", "HEAD"));
        await user.CommitAsync("a", "last.txt", "x");
        await user.GitAsync("a", "push", "-q", "origin", "main");
        await user.GitAsync("b", "pull", "-q", "--ff-only");
        Assert.Equal("4", await user.GitAsync("b", "rev-list", "--count", "HEAD"));
        await user.CommitAsync("b", "from-shallow.txt", "y");
        await user.GitAsync("b", "push", "-q", "origin", "main");
        await user.GitAsync("b", "fetch", "-q", "--unshallow");

        Assert.Equal("8", await user.GitAsync("b", "rev-list", "--count", "HEAD"));
        Assert.Equal("false", await user.GitAsync("b", "rev-parse", "--is-shallow-repository"));
        await user.AssertWholeAsync("b");
    }

    [Fact]
    public async Task Clone_OfAnEmptyRepository_HasTheDefaultBranch()
    {
        await using var user = await GitUser.CreateAsync();
        await CreateAsync("acme/empty");

        await user.GitAsync("", "-c", "init.defaultBranch=other", "clone", "-q", RemoteOf("acme/empty"), "b");

        Assert.Equal("refs/heads/main", await user.GitAsync("b", "symbolic-ref", "HEAD"));
    }

    [Fact]
    public async Task Push_Forced_LosesNothingThatWasPublished()
    {
        await using var user = await GitUser.CreateAsync();
        await StartAsync(user, "books/forced", "a", garden.Publisher);
        await user.CommitAsync("a", "README.md", Card);
        await user.CommitAsync("a", "draft.txt", "x");
        await user.GitAsync("a", "push", "-q", "origin", "main");
        await user.GitAsync("a", "reset", "-q", "--hard", "HEAD~1");
        await user.CommitAsync("a", "better.txt", "y");

        Assert.Contains("non-fast-forward", await user.RefusedAsync("a", "push", "origin", "main"), StringComparison.Ordinal);
        await user.GitAsync("a", "push", "-q", "--force", "origin", "main");
        await garden.PublishAsync("books/forced");
        await user.GitAsync("a", "reset", "-q", "--hard", "HEAD~1");
        await user.CommitAsync("a", "rewritten.txt", "z");
        Assert.Contains("NOT_FAST_FORWARD", await user.RefusedAsync("a", "push", "--force", "origin", "main"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Push_OfDeletions_LeavesTheDefaultBranch()
    {
        await using var user = await GitUser.CreateAsync();
        await StartAsync(user, "acme/deleted", "a");
        await user.CommitAsync("a", "README.md", Card);
        await user.GitAsync("a", "push", "-q", "origin", "main", "main:side", "main:refs/tags/v1");

        await user.GitAsync("a", "push", "-q", "origin", "--delete", "side", "v1");
        Assert.Contains("default branch", await user.RefusedAsync("a", "push", "origin", "--delete", "main"), StringComparison.Ordinal);
        Assert.DoesNotContain("side", await user.GitAsync("a", "ls-remote", "origin"), StringComparison.Ordinal);
        var told = await user.RefusedAsync("a", "push", "--atomic", "origin", "main:fine", "main:refs/notes/odd");
        Assert.Contains("atomic", told, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("fine", await user.GitAsync("a", "ls-remote", "origin"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Push_OfWhatIsNotKept_IsRefusedInWords()
    {
        await using var user = await GitUser.CreateAsync();
        await StartAsync(user, "acme/refused", "a");
        await user.CommitAsync("a", "README.md", Card);
        await user.GitAsync("a", "push", "-q", "origin", "main");

        user.Write("a", "weights/big.bin", RandomNumberGenerator.GetBytes(2_000_000));
        await RefusedAsync("'big.bin' has 2000000 bytes", "git-lfs");
        user.Write("a", "weights/huge.bin", RandomNumberGenerator.GetBytes(20_000_000));
        await RefusedAsync("20000000 bytes", "git-lfs");
        File.CreateSymbolicLink(user.PathOf("a", "link"), "/etc/passwd");
        await RefusedAsync("'link' is a symbolic link");
        user.Write("a", "README.md", "---\nlicense: [\n---\n");
        await RefusedAsync("CARD_INVALID", "README.md");
        user.Write("a", "model.bin", $"version https://git-lfs.github.com/spec/v1\noid sha256:{new string('a', 64)}\nsize 5\n");
        await RefusedAsync("FILE_NOT_UPLOADED", "'model.bin'");
        Assert.Equal(await user.GitAsync("a", "rev-parse", "main"), (await user.GitAsync("a", "ls-remote", "origin", "refs/heads/main")).Split('\t')[0]);

        async Task RefusedAsync(params string[] words)
        {
            await user.GitAsync("a", "add", "-A");
            await user.GitAsync("a", "commit", "-q", "-m", "bad");
            var told = await user.RefusedAsync("a", "push", "origin", "main");
            Assert.All(words, word => Assert.Contains(word, told, StringComparison.Ordinal));
            await user.GitAsync("a", "reset", "-q", "--hard", "HEAD~1");
        }
    }

    [Fact]
    public async Task Lfs_PushedFiles_ComeBackInEveryRevision()
    {
        await using var user = await GitUser.CreateAsync();
        var remote = await StartAsync(user, "acme/large", "a");
        var (first, second) = (RandomNumberGenerator.GetBytes(3_000_000), RandomNumberGenerator.GetBytes(2_500_000));
        await user.GitAsync("a", "lfs", "track", "*.bin");
        user.Write("a", "weights/model.bin", first);
        await user.CommitAsync("a", "README.md", Card);
        user.Write("a", "weights/model.bin", second);
        await user.CommitAsync("a", "notes.txt", "better");

        var (exitCode, _, told) = await user.TryAsync("a", "push", "origin", "main");
        Assert.True(exitCode is 0, told);
        Assert.DoesNotContain("locking", told, StringComparison.OrdinalIgnoreCase);
        await user.GitAsync("", "clone", "-q", remote, "b");
        Assert.Equal(second, await File.ReadAllBytesAsync(user.PathOf("b", "weights", "model.bin"), Cancel));
        await user.GitAsync("b", "checkout", "-q", "HEAD~1");
        Assert.Equal(first, await File.ReadAllBytesAsync(user.PathOf("b", "weights", "model.bin"), Cancel));
        await user.GitAsync("b", "lfs", "fsck");
        await user.AssertWholeAsync("b");
        var entries = await garden.CatalogAs(People.Engineer()).GetEntriesAsync(new() { Name = "acme/large", Paths = { "weights/model.bin" } }, cancellationToken: Cancel);
        Assert.Equal(second.Length, Assert.Single(entries.Entries).Size);
    }

    [Fact]
    public async Task Moved_Repository_IsClonedFetchedAndPushedToByItsOldName()
    {
        await using var user = await GitUser.CreateAsync();
        var (id, bytes) = ($"{Guid.NewGuid():n}", RandomNumberGenerator.GetBytes(1_500_000));
        var (name, moved) = ($"acme/early-{id}", $"acme/late-{id}");
        var remote = await StartAsync(user, name, "a");
        await user.GitAsync("a", "lfs", "track", "*.bin");
        user.Write("a", "first.bin", bytes);
        await user.CommitAsync("a", "README.md", Card);
        await user.GitAsync("a", "push", "-q", "origin", "main");
        await garden.CatalogAs(People.Engineer()).MoveRepositoryAsync(new() { Name = name, NewName = moved }, cancellationToken: Cancel);

        await user.GitAsync("", "clone", "-q", remote, "b");
        Assert.Equal(bytes, await File.ReadAllBytesAsync(user.PathOf("b", "first.bin"), Cancel));
        user.Write("b", "second.bin", bytes[..1_400_000]);
        await user.CommitAsync("b", "notes.txt", "under the old name");
        await user.GitAsync("b", "push", "-q", "origin", "main", "main:side");
        await user.GitAsync("a", "pull", "-q", "origin", "main");
        await user.GitAsync("", "clone", "-q", RemoteOf(moved), "c");

        var head = await user.GitAsync("b", "rev-parse", "main");
        Assert.All(["a", "c"], copy => Assert.Equal(bytes[..1_400_000], File.ReadAllBytes(user.PathOf(copy, "second.bin"))));
        Assert.Equal([head, head, head], [await user.GitAsync("a", "rev-parse", "main"), await user.GitAsync("c", "rev-parse", "origin/main"), await user.GitAsync("c", "rev-parse", "origin/side")]);
        await user.AssertWholeAsync("c");
        // Once another has the name, it is that one's.
        await CreateAsync(name);
        Assert.DoesNotContain("refs/heads", await user.GitAsync("b", "ls-remote", "origin"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lfs_FetchedLater_IsWhatTheHubsClientUploaded()
    {
        await using var user = await GitUser.CreateAsync();
        var name = $"acme/both-{Guid.NewGuid():n}";
        await garden.RunAsync("upload-folder", garden.Engineer, ("REPO", name), ("FOLDER", Repo.PathOf("deploy/samples/kjv-llama")));

        await user.GitAsync("", "-c", "filter.lfs.smudge=git-lfs smudge --skip -- %f", "-c", "filter.lfs.process=git-lfs filter-process --skip", "clone", "-q", RemoteOf(name), "b");
        Assert.StartsWith("version https://git-lfs.github.com/spec/v1\n", await File.ReadAllTextAsync(user.PathOf("b", "model.safetensors"), Cancel), StringComparison.Ordinal);
        Assert.Equal("kjv-llama-f16.gguf kjv-llama-q8_0.gguf model.safetensors", string.Join(' ', (await user.GitAsync("b", "lfs", "ls-files", "--name-only")).Split('\n')));
        await user.GitAsync("b", "lfs", "pull", "--include", "model.safetensors");
        Assert.Equal(await File.ReadAllBytesAsync(Repo.PathOf("deploy/samples/kjv-llama/model.safetensors"), Cancel), await File.ReadAllBytesAsync(user.PathOf("b", "model.safetensors"), Cancel));
        await user.GitAsync("b", "lfs", "pull");
        await user.GitAsync("b", "lfs", "fsck");
        // What git pushes the hub's client reads.
        user.Write("b", "größe/more.bin", RandomNumberGenerator.GetBytes(1_500_000));
        await user.GitAsync("b", "lfs", "track", "größe/*.bin");
        await user.CommitAsync("b", "notes.txt", "by git");
        await user.GitAsync("b", "push", "-q", "origin", "main");
        var files = (await garden.RunAsync("download-all", garden.Engineer, ("REPO", name)))["files"]!.AsArray();
        var more = Assert.Single(files, file => (string?)file!["path"] is "größe/more.bin")!;
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(user.PathOf("b", "größe", "more.bin"), Cancel))), (string?)more["sha256"]);
        Assert.Equal((string?)more["lfs"], (string?)more["sha256"]);
    }

    [Theory]
    [InlineData(RepositoryKind.Dataset, "datasets/")]
    [InlineData(RepositoryKind.App, "spaces/")]
    public async Task DataSetsAndApps_ArePushedAndClonedUnderTheirPrefix(RepositoryKind kind, string prefix)
    {
        await using var user = await GitUser.CreateAsync();
        var name = $"acme/git-{Guid.NewGuid():n}";
        await garden.CatalogAs(People.Engineer()).CreateRepositoryAsync(new() { Name = name, Kind = kind }, cancellationToken: Cancel);
        await user.GitAsync("", "init", "-q", "a");
        await user.GitAsync("a", "remote", "add", "origin", RemoteOf(prefix + name));
        await user.GitAsync("a", "lfs", "track", "*.bin");
        user.Write("a", "ein satz.bin", RandomNumberGenerator.GetBytes(1_200_000));
        await user.CommitAsync("a", "README.md", Card);

        await user.GitAsync("a", "push", "-q", "origin", "main", "main:zweig/größe", "main:refs/tags/v1");
        await user.GitAsync("", "clone", "-q", "--branch", "zweig/größe", RemoteOf(prefix + name) + ".git", "b");

        Assert.Equal(await File.ReadAllBytesAsync(user.PathOf("a", "ein satz.bin"), Cancel), await File.ReadAllBytesAsync(user.PathOf("b", "ein satz.bin"), Cancel));
        Assert.Equal("v1", await user.GitAsync("b", "tag"));
        Assert.Contains("not found", await user.RefusedAsync("", "clone", RemoteOf(name), "c"), StringComparison.Ordinal);
        await user.GitAsync("b", "push", "-q", "origin", "--delete", "zweig/größe");
        Assert.DoesNotContain("zweig", await user.GitAsync("a", "ls-remote", "origin"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clone_OfTenThousandFiles_IsWhole()
    {
        await using var user = await GitUser.CreateAsync();
        var name = $"acme/wide-{Guid.NewGuid():n}";
        await garden.RunAsync("many-files", garden.Engineer, ("REPO", name));

        await user.GitAsync("", "clone", "-q", "--depth", "1", RemoteOf(name), "b");

        Assert.Equal(10_001, (await user.GitAsync("b", "ls-files")).Split('\n').Length);
        Assert.Equal("", await user.GitAsync("b", "status", "--porcelain"));
        await user.AssertWholeAsync("b");
    }

    [Fact]
    public async Task Credentials_NoneOrWrongOrAnotherTenants_AreToldApart()
    {
        await using var user = await GitUser.CreateAsync();
        await StartAsync(user, "acme/private", "a");
        await user.CommitAsync("a", "README.md", Card);
        await user.GitAsync("a", "push", "-q", "origin", "main");
        var address = new Uri(garden.Address);

        Assert.Contains("could not read Username", await user.RefusedAsync("", "clone", $"{garden.Address}/acme/private", "b"), StringComparison.Ordinal);
        Assert.Contains("Authentication failed", await user.RefusedAsync("", "clone", $"http://ann:hf_garden_wrong@{address.Authority}/acme/private", "b"), StringComparison.Ordinal);
        Assert.Contains("not found", await user.RefusedAsync("", "clone", RemoteOf("acme/private", garden.Publisher), "b"), StringComparison.Ordinal);
        Assert.Contains("not found", await user.RefusedAsync("", "clone", RemoteOf("acme/nothing"), "b"), StringComparison.Ordinal);
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri($"{garden.Address}/acme/private.git/info/refs?service=git-upload-pack"), Cancel);
        client.DefaultRequestHeaders.Authorization = new("Bearer", "hf_garden_wrong");
        using var wrong = await client.GetAsync(new Uri($"{garden.Address}/acme/private.git/info/refs?service=git-upload-pack"), Cancel);
        Assert.All([answer, wrong], refused => Assert.Equal(401, (int)refused.StatusCode));
        Assert.All([answer, wrong], refused => Assert.StartsWith("Basic realm=", refused.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Published_ToOthers_IsGatedAndEndsAtWhatTheyMaySee()
    {
        await using var user = await GitUser.CreateAsync();
        await StartAsync(user, "books/gated", "a", garden.Publisher);
        await user.CommitAsync("a", "secret.txt", "never shown");
        await user.CommitAsync("a", "README.md", Card.Replace("apache-2.0", "mit", StringComparison.Ordinal));
        await user.GitAsync("a", "rm", "-q", "secret.txt");
        await user.GitAsync("a", "commit", "-q", "-m", "without");
        await user.GitAsync("a", "push", "-q", "origin", "main");
        await garden.PublishAsync("books/gated");
        await user.CommitAsync("a", "draft.txt", "not yet");
        await user.GitAsync("a", "push", "-q", "origin", "main", "main:draft");

        var refused = await user.RefusedAsync("", "clone", RemoteOf("books/gated"), "b");
        Assert.Contains("mit", refused, StringComparison.Ordinal);
        Assert.Contains("remote error", refused, StringComparison.Ordinal);
        await garden.AcceptAsync("mit");
        await user.GitAsync("", "clone", "-q", RemoteOf("books/gated"), "b");

        await user.AssertWholeAsync("b");
        Assert.Equal(await user.GitAsync("a", "rev-parse", "main~1"), await user.GitAsync("b", "rev-parse", "HEAD"));
        Assert.Equal("1", await user.GitAsync("b", "rev-list", "--count", "--all"));
        Assert.Equal(["refs/remotes/origin/HEAD", "refs/remotes/origin/main"], (await user.RefsAsync("b", "refs/remotes")).Select(one => one.Split(' ')[1]));
        Assert.NotEqual(0, (await user.TryAsync("b", "fetch", "origin", await user.GitAsync("a", "rev-parse", "main"))).ExitCode);
        Assert.Contains("books", await user.RefusedAsync("b", "push", "origin", "main:mine"), StringComparison.Ordinal);
    }

    private async Task<string> StartAsync(GitUser user, string repository, string folder, string? token = null)
    {
        await CreateAsync(repository);
        await user.GitAsync("", "init", "-q", folder);
        await user.GitAsync(folder, "remote", "add", "origin", RemoteOf(repository, token));
        return RemoteOf(repository, token);
    }

    private async Task CreateAsync(string repository) =>
        await garden.CatalogAs(People.Engineer(repository.Split('/')[0])).CreateRepositoryAsync(new() { Name = repository }, cancellationToken: Cancel);

    private string RemoteOf(string repository, string? token = null) => $"http://anyone:{token ?? garden.Engineer}@{new Uri(garden.Address).Authority}/{repository}";
}

[Collection<SqliteGarden>]
public sealed class SqliteGitClientTests(SqliteGarden garden) : GitClientContract(garden);

[Collection<PostgresGarden>]
public sealed class PostgresGitClientTests(PostgresGarden garden) : GitClientContract(garden);
