using System.Diagnostics;
using System.Text;

namespace ModelGarden.Catalog.Tests;

/// <summary>A repository of the real git, to compare ids with.</summary>
internal sealed class Git : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("garden-git-");

    private Git()
    {
    }

    public string Folder => _folder.FullName;

    public static async Task<Git> InitAsync()
    {
        var git = new Git();
        await git.RunAsync(["init", "-q"]);
        return git;
    }

    /// <summary>The id of the tree that git makes of these files.</summary>
    public async Task<string> WriteTreeAsync(IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        var index = new StringBuilder();
        foreach (var (path, content) in files)
        {
            var oid = await RunAsync(["hash-object", "-w", "--stdin"], content);
            index.Append("100644 ").Append(oid).Append('\t').Append(path).Append('\0');
        }

        await RunAsync(["read-tree", "--empty"]);
        await RunAsync(["update-index", "-z", "--index-info"], Encoding.UTF8.GetBytes(index.ToString()));
        return await RunAsync(["write-tree"]);
    }

    /// <summary>The id of the commit that git makes.</summary>
    public Task<string> CommitTreeAsync(string tree, string? parent, string author, DateTimeOffset at, string message)
    {
        var date = $"{at.ToUnixTimeSeconds()} +0000";
        return RunAsync(
            ["commit-tree", tree, .. parent is null ? Array.Empty<string>() : ["-p", parent]],
            Encoding.UTF8.GetBytes(message),
            new()
            {
                ["GIT_AUTHOR_NAME"] = author,
                ["GIT_AUTHOR_EMAIL"] = $"{author}@garden",
                ["GIT_AUTHOR_DATE"] = date,
                ["GIT_COMMITTER_NAME"] = author,
                ["GIT_COMMITTER_EMAIL"] = $"{author}@garden",
                ["GIT_COMMITTER_DATE"] = date,
            });
    }

    public async Task<string> RunAsync(string[] arguments, byte[]? input = null, Dictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.BaseStream.WriteAsync(input ?? []);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return process.ExitCode is 0 ? (await output).TrimEnd('\n') : throw new InvalidOperationException($"git {string.Join(' ', arguments)}: {await error}");
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
