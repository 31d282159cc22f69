using ModelGarden.Testing;

namespace ModelGarden.Clients;

/// <summary><c>hfjs</c>, the command line of <c>@huggingface/hub</c>, unchanged, against a garden.</summary>
public abstract class HubCliContract(ClientGarden garden)
{
    private static readonly string Digits = Repo.PathOf("deploy/samples/digits");

    [Fact]
    public async Task Upload_WithAllItsOptions_ArrivesWhereItIsTold()
    {
        var repo = NewName();

        await RunAsync("upload", repo, Digits, "--private", "--commit-message", "By the CLI", "-q");
        Assert.Contains("Upload completed", await RunAsync("upload", repo, Digits, "sub/größe 1"), StringComparison.Ordinal);
        await RunAsync("branch", "create", repo, "dev");
        await RunAsync("upload", repo, Digits, "more", "--revision", "dev", "-q");

        var files = (await garden.RunAsync("download-all", garden.Engineer, ("REPO", repo)))["files"]!.AsArray().Select(file => (string)file!["path"]!).ToList();
        Assert.Equal(
            ["README.md", "digits.onnx", "digits.safetensors", "sub/größe 1/README.md", "sub/größe 1/digits.onnx", "sub/größe 1/digits.safetensors"],
            files.Where(path => path != ".gitattributes"));
        var branch = (await garden.RunAsync("download-all", garden.Engineer, ("REPO", repo), ("REVISION", "dev")))["files"]!.AsArray().Select(file => (string)file!["path"]!);
        Assert.Equal(["more/README.md", "more/digits.onnx", "more/digits.safetensors"], branch.Except(files));
        var commits = await garden.CatalogAs(People.Engineer()).ListCommitsAsync(new() { Name = repo, Revision = "dev" }, cancellationToken: Patience.Cancel);
        Assert.Equal("Upload files using @huggingface/hub", commits.Commits[0].Summary);
        Assert.Equal("By the CLI", commits.Commits[^2].Summary);
    }

    [Fact]
    public async Task Branches_MadeOverwrittenEmptiedAndDeleted_StandWhereTheyAreTold()
    {
        var repo = NewName();
        await RunAsync("upload", repo, Digits, "-q");
        await RunAsync("upload", repo, Digits, "sub", "-q");
        var commits = (await garden.CatalogAs(People.Engineer()).ListCommitsAsync(new() { Name = repo }, cancellationToken: Patience.Cancel)).Commits;

        await RunAsync("branch", "create", repo, "dev");
        Assert.Equal(commits[0].Id, await HeadAsync(repo, "dev"));
        Assert.Contains("refs/heads/dev is there already", await RefusedAsync("branch", "create", repo, "dev"), StringComparison.Ordinal);
        await RunAsync("branch", "create", repo, "dev", "--force", "--revision", commits[1].Id);
        Assert.Equal(commits[1].Id, await HeadAsync(repo, "dev"));
        await RunAsync("branch", "create", repo, "dev", "--force");
        Assert.Equal(commits[1].Id, await HeadAsync(repo, "dev"));
        await RunAsync("branch", "create", repo, "orphan", "--empty");
        await RunAsync("branch", "create", repo, "dev", "--empty", "-f");
        foreach (var branch in new[] { "orphan", "dev" })
        {
            var history = await garden.CatalogAs(People.Engineer()).ListCommitsAsync(new() { Name = repo, Revision = branch }, cancellationToken: Patience.Cancel);
            Assert.Empty(Assert.Single(history.Commits).Parents);
        }

        await RunAsync("upload", repo, Digits, "--revision", "orphan", "-q");
        await RunAsync("branch", "delete", repo, "dev");
        Assert.Contains("there is no 'refs/heads/dev'", await RefusedAsync("branch", "delete", repo, "dev"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repositories_OfEveryKind_AreMadeListedAndDeleted()
    {
        var name = NewName();
        foreach (var prefix in new[] { "", "datasets/", "spaces/" })
        {
            await RunAsync("upload", prefix + name + prefix.Length, Digits, "-q");
        }

        await garden.PublishAsync($"books/listed-{name[5..]}", Digits);
        Assert.Contains($"books/listed-{name[5..]}", await RunAsync("models", "list", $"listed-{name[5..]}", "--sort", "lastModified"), StringComparison.Ordinal);
        await RunAsync("repo", "delete", $"{name}0");
        await RunAsync("repo", "delete", $"datasets/{name}9");
        await RunAsync("repo", "delete", $"{name}7", "--repo-type", "space");
        Assert.Contains("there is no repository", await RefusedAsync("repo", "delete", $"{name}0"), StringComparison.Ordinal);
        Assert.Contains("is not served", await RefusedAsync("jobs", "hardware"), StringComparison.Ordinal);
        Assert.Contains("this is not a token of this garden", await RefusedAsync("repo", "delete", $"{name}0", "--token", "hf_garden_wrong"), StringComparison.Ordinal);
    }

    private static string NewName() => $"acme/cli-{Guid.NewGuid():n}";

    private async Task<string?> HeadAsync(string repository, string branch) =>
        (await garden.CatalogAs(People.Engineer()).ResolveRevisionAsync(new() { Name = repository, Revision = branch }, cancellationToken: Patience.Cancel)).Commit;

    private async Task<string> RunAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await TryAsync(arguments);
        Assert.True(exitCode is 0, $"hfjs {string.Join(' ', arguments)}: {exitCode}\n{output}{errors}");
        return output;
    }

    private async Task<string> RefusedAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await TryAsync(arguments);
        Assert.True(exitCode is not 0, $"hfjs {string.Join(' ', arguments)} was not refused\n{output}{errors}");
        return errors;
    }

    private Task<(int ExitCode, string Output, string Errors)> TryAsync(string[] arguments) => NodeClients.RunProgramAsync(
        "node_modules/@huggingface/hub/dist/cli.js", arguments, new Dictionary<string, string> { ["HF_ENDPOINT"] = garden.Address, ["HF_TOKEN"] = garden.Engineer });
}

[Collection<SqliteGarden>]
public sealed class SqliteHubCliTests(SqliteGarden garden) : HubCliContract(garden);

[Collection<PostgresGarden>]
public sealed class PostgresHubCliTests(PostgresGarden garden) : HubCliContract(garden);
