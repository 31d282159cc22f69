using System.Text;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Errors;

namespace ModelGarden.Catalog.Tests;

/// <summary>Random sequences of commits against the most obvious model there is: a dictionary of paths.</summary>
public abstract class RandomCommitTests(Engine engine) : CatalogContract(engine)
{
    private static readonly string[] Names = ["a", "b", "a.b", "a-b", "ä", "A", "a0"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task CreateCommit_RandomSequence_IsWhatTheModelSays(int seed)
    {
        var random = new Random(seed);
        await CreateAsync();
        await CommitAsync(Add("first", "1"));
        var model = new Dictionary<string, string>(StringComparer.Ordinal) { ["first"] = "1" };
        using var git = await Git.InitAsync();
        for (var round = 0; round < 60; round++)
        {
            var head = new Dictionary<string, string>(model, StringComparer.Ordinal);
            var operations = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Operation(random, head)).ToList();
            var (next, expected) = Apply(head, operations);
            Assert.Equal((round, expected), (round, await TryAsync(operations)));
            model = next;
            await CompareAsync(model, round % 20 is 19 ? git : null);
        }
    }

    private static Operation Operation(Random random, Dictionary<string, string> head)
    {
        var known = head.Keys.Count > 0 && random.Next(3) > 0 ? head.Keys.Order(StringComparer.Ordinal).ElementAt(random.Next(head.Count)) : Path(random);
        return random.Next(10) switch
        {
            < 6 => Add(Path(random), $"{random.Next(20)}"),
            6 or 7 => Delete(known),
            8 => Delete(known.Contains('/', StringComparison.Ordinal) ? known[..known.LastIndexOf('/')] : known, recursive: true),
            _ => Copy(known, Path(random)),
        };
    }

    private static string Path(Random random) => string.Join('/', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Names[random.Next(Names.Length)]));

    /// <summary>What the operations make of a head, or the reason of the first that cannot be; then the head stays.</summary>
    private static (Dictionary<string, string> Next, string Reason) Apply(Dictionary<string, string> head, List<Operation> operations)
    {
        var files = new Dictionary<string, string>(head, StringComparer.Ordinal);
        foreach (var operation in operations)
        {
            var reason = operation.OperationCase switch
            {
                Contracts.V1.Operation.OperationOneofCase.AddFile => Put(files, operation.AddFile.Path, operation.AddFile.Content.ToStringUtf8()),
                Contracts.V1.Operation.OperationOneofCase.CopyFile => head.TryGetValue(operation.CopyFile.FromPath, out var content) ? Put(files, operation.CopyFile.ToPath, content) : "PATH_NOT_FOUND",
                _ => Remove(files, operation.DeletePath),
            };
            if (reason.Length > 0)
            {
                return (head, reason);
            }
        }

        return (files, "");
    }

    private static string Put(Dictionary<string, string> files, string path, string content)
    {
        if (files.Keys.Any(other => other.StartsWith(path + "/", StringComparison.Ordinal) || path.StartsWith(other + "/", StringComparison.Ordinal)))
        {
            return "PATH_CONFLICT";
        }

        files[path] = content;
        return "";
    }

    private static string Remove(Dictionary<string, string> files, DeletePath delete)
    {
        var gone = files.Keys.Where(path => delete.Recursive ? path.StartsWith(delete.Path + "/", StringComparison.Ordinal) : path == delete.Path).ToList();
        gone.ForEach(path => files.Remove(path));
        return gone.Count > 0 ? "" : "PATH_NOT_FOUND";
    }

    private async Task<string> TryAsync(List<Operation> operations)
    {
        try
        {
            await CommitAsync([.. operations]);
            return "";
        }
        catch (RpcException exception)
        {
            return exception.ToError("catalog").Reason;
        }
    }

    private async Task CompareAsync(Dictionary<string, string> model, Git? git)
    {
        var entries = (await Engineer.ListTreeAsync(new() { Name = Model, Recursive = true }, cancellationToken: Cancel)).Entries;
        Assert.Equal(model.Keys.Order(StringComparer.Ordinal), entries.Where(entry => !entry.Folder).Select(entry => entry.Path));
        Assert.All(entries.Where(entry => !entry.Folder), entry =>
            Assert.Equal(Kernel.ObjectId.Of("blob", Encoding.UTF8.GetBytes(model[entry.Path])).Hex, entry.Oid));
        Assert.Equal(
            model.Keys.SelectMany(path => path.Index().Where(pair => pair.Item is '/').Select(pair => path[..pair.Index])).Distinct().Order(StringComparer.Ordinal),
            entries.Where(entry => entry.Folder).Select(entry => entry.Path).Order(StringComparer.Ordinal));
        if (git is not null)
        {
            Assert.Equal(entries, await InPagesAsync());
            var commits = await Engineer.ListCommitsAsync(new() { Name = Model, PageSize = 1 }, cancellationToken: Cancel);
            Assert.Equal(
                await git.WriteTreeAsync(model.Select(file => KeyValuePair.Create(file.Key, Encoding.UTF8.GetBytes(file.Value)))),
                commits.Commits[0].Tree);
        }
    }

    private async Task<List<TreeEntry>> InPagesAsync()
    {
        var entries = new List<TreeEntry>();
        var token = "";
        do
        {
            var page = await Engineer.ListTreeAsync(new() { Name = Model, Recursive = true, PageSize = 1 + (entries.Count % 3), PageToken = token }, cancellationToken: Cancel);
            entries.AddRange(page.Entries);
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        return entries;
    }
}

public sealed class RandomCommitOnSqliteTests() : RandomCommitTests(Engine.Sqlite);

public sealed class RandomCommitOnPostgresTests() : RandomCommitTests(Engine.Postgres);
