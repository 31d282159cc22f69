using System.Diagnostics;
using ModelGarden.Testing;

namespace ModelGarden.Clients;

/// <summary>Somebody with stock <c>git</c> and <c>git-lfs</c> on a computer of his own: a home, a configuration, working copies.</summary>
public sealed class GitUser : IAsyncDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("garden-git-");

    private GitUser()
    {
    }

    public static async Task<GitUser> CreateAsync()
    {
        var user = new GitUser();
        await user.GitAsync("", "config", "--global", "init.defaultBranch", "main");
        await user.GitAsync("", "config", "--global", "user.name", "Ann Ünicode");
        await user.GitAsync("", "config", "--global", "user.email", "ann@example.org");
        await user.GitAsync("", "config", "--global", "advice.detachedHead", "false");
        await user.GitAsync("", "lfs", "install", "--skip-repo");
        return user;
    }

    public string PathOf(params string[] parts) => Path.Combine([_home.FullName, .. parts]);

    public void Write(string repository, string path, string text) => Write(repository, path, System.Text.Encoding.UTF8.GetBytes(text));

    public void Write(string repository, string path, byte[] content)
    {
        var file = PathOf(repository, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
    }

    /// <summary>Writes a file and commits everything.</summary>
    public async Task CommitAsync(string repository, string path, string text, string message = "change")
    {
        Write(repository, path, text);
        await GitAsync(repository, "add", "-A");
        await GitAsync(repository, "commit", "-q", "-m", message);
    }

    /// <summary>Runs git below a working copy and answers what it prints; fails if it does.</summary>
    public async Task<string> GitAsync(string repository, params string[] arguments)
    {
        var (exitCode, output, errors) = await TryAsync(repository, arguments);
        Assert.True(exitCode is 0, $"git {string.Join(' ', arguments)}: {exitCode}\n{output}{errors}");
        return output.TrimEnd('\n');
    }

    /// <summary>Runs git where it is to be refused, and answers what it tells people.</summary>
    public async Task<string> RefusedAsync(string repository, params string[] arguments)
    {
        var (exitCode, output, errors) = await TryAsync(repository, arguments);
        Assert.True(exitCode is not 0, $"git {string.Join(' ', arguments)} was not refused\n{output}{errors}");
        return output + errors;
    }

    /// <summary>All refs with the ids that they name.</summary>
    public async Task<string[]> RefsAsync(string repository, string pattern = "refs/heads refs/tags")
    {
        var refs = await GitAsync(repository, ["for-each-ref", "--format=%(objectname) %(refname)", .. pattern.Split(' ')]);
        return refs.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The ids of all objects that any ref reaches.</summary>
    public async Task<string[]> ObjectsAsync(string repository) =>
        [.. (await GitAsync(repository, "rev-list", "--all", "--objects", "--no-object-names")).Split('\n').Order(StringComparer.Ordinal)];

    /// <summary>Everything that git finds to check is in order.</summary>
    public async Task AssertWholeAsync(string repository)
    {
        var (exitCode, output, errors) = await TryAsync(repository, "fsck", "--full", "--strict", "--no-progress");
        Assert.True(exitCode is 0 && !output.Contains("missing", StringComparison.Ordinal) && !errors.Contains("error", StringComparison.Ordinal), output + errors);
    }

    public async Task<(int ExitCode, string Output, string Errors)> TryAsync(string repository, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = PathOf(repository), RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HOME"] = _home.FullName;
        start.Environment["XDG_CONFIG_HOME"] = _home.FullName;
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).InTimeAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"$ git {string.Join(' ', arguments)}: {process.ExitCode}\n{await output}{await errors}");
        return (process.ExitCode, await output, await errors);
    }

    public ValueTask DisposeAsync()
    {
        _home.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
