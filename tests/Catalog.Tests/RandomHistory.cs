using System.Text;
using Google.Protobuf;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Catalog.Tests;

/// <summary>One commit as the model has it: what git is to make an id of.</summary>
internal sealed record ModelCommit(string Id, string Tree, IReadOnlyList<string> Parents, string Author, long Seconds, string Message, IReadOnlyDictionary<string, byte[]> Files);

/// <summary>
/// A random life of one repository, told to Catalog and kept beside it as the simplest model: for every commit all of its files, a large one as
/// its pointer's text.
/// </summary>
internal sealed class RandomHistory(Contracts.V1.Catalog.CatalogClient catalog, ArtifactsDouble artifacts, string repository, Random random, CancellationToken cancel)
{
    private const string Attributes = ".gitattributes";
    private const int MostOperations = 6;

    private static readonly string[] Names =
    [
        "a", "b", "a.b", "a-b", "a0", "A", "ä", "a\u0308", "日本", "\U0001F999", "\uFF5E", "with blank", " lead", "trail ", "-dash", "\"quoted\"", "it's", "*", "[x]", "#", "!", "~", "{y}",
        "%2F", "a,b", ".hidden", "con", "w.bin", "w.gguf", new('n', 200),
    ];

    private readonly Dictionary<string, Dictionary<string, byte[]>> _content = new(StringComparer.Ordinal);

    /// <summary>In the order in which they were made.</summary>
    public List<ModelCommit> Commits { get; } = [];

    /// <summary>What each ref stands on, by its full name.</summary>
    public SortedDictionary<string, string> Refs { get; } = new(StringComparer.Ordinal);

    /// <summary>How many commits have two parents.</summary>
    public int Merges { get; private set; }

    /// <summary>What happened, for whoever looks into a failure.</summary>
    public List<string> Story { get; } = [];

    public async Task LiveAsync(int steps)
    {
        await CommitAsync("refs/heads/main");
        for (var step = 0; step < steps; step++)
        {
            await (random.Next(20) switch
            {
                < 2 => BranchAsync(),
                2 => TagAsync(),
                3 => DeleteRefAsync(),
                4 => SquashAsync(Branch()),
                5 or 6 => MergeAsync(Branch(), Pick(Commits).Id),
                _ => CommitAsync(Branch()),
            });
        }
    }

    public IReadOnlyDictionary<string, byte[]> FilesOf(string commit) => _content[commit];

    private async Task CommitAsync(string branch)
    {
        var head = Refs.GetValueOrDefault(branch);
        var files = new Dictionary<string, byte[]>(head is null ? [] : _content[head], StringComparer.Ordinal);
        var request = new CreateCommitRequest { Name = repository, Branch = branch, Summary = Pick(["change", "Änderung 日本", "a: b", "\"x\" <y>"]), Description = Pick(["", "more\n\nwords", "- one\n- two"]) };
        request.Parent = head is not null && random.Next(3) is 0 ? head[..Pick([7, 12, 40])] : "";
        for (var i = random.Next(1, MostOperations); i > 0 || request.Operations.Count is 0; i--)
        {
            Add(request, files, head is null ? [] : _content[head]);
        }

        if (files.Count is 0 && head is null && PutSmall(files) is { } first)
        {
            request.Operations.Add(first);
        }

        await KeepAsync(branch, await catalog.CreateCommitAsync(request, cancellationToken: cancel), head is null ? [] : [head], files, request);
    }

    private async Task KeepAsync(string branch, Commit commit, string[] parents, Dictionary<string, byte[]> files, CreateCommitRequest request)
    {
        // What the service adds for large files is its own decision: GitIdentityTests ask git what it means.
        if (files.Values.Any(IsPointer))
        {
            var attributes = await catalog.ReadFileAsync(new() { Name = repository, Revision = commit.Id, Path = Attributes }, cancellationToken: cancel);
            files[Attributes] = attributes.Content.ToByteArray();
        }

        if (parents is [var head] && Same(files, _content[head]))
        {
            Assert.Equal(head, commit.Id);
            return;
        }

        var message = request.Description.Length > 0 ? $"{request.Summary}\n\n{request.Description}\n" : $"{request.Summary}\n";
        Keep(new(commit.Id, commit.Tree, parents, commit.Author, commit.At.Seconds, message, files), branch);
    }

    private void Keep(ModelCommit commit, string branch)
    {
        Story.Add($"{branch}: {commit.Id} of {string.Join(' ', commit.Parents)}: {string.Join(' ', commit.Files.Keys.Order(StringComparer.Ordinal).Take(20).Select(path => Kernel.Text.Shorten(path, 40)))}");
        if (_content.TryAdd(commit.Id, commit.Files.ToDictionary(StringComparer.Ordinal)))
        {
            Commits.Add(commit);
        }

        Refs[branch] = commit.Id;
    }

    private async Task BranchAsync() => await RefAsync($"refs/heads/{Pick(["dev", "feat/x", "feat/ü", "v2"])}-{Refs.Count}");

    private async Task TagAsync() => await RefAsync($"refs/tags/v{Refs.Count}.{random.Next(100)}");

    private async Task RefAsync(string name)
    {
        if (!Refs.ContainsKey(name))
        {
            var target = Pick(Commits).Id;
            await catalog.CreateRefAsync(new() { Name = repository, Ref = name, Revision = target }, cancellationToken: cancel);
            Refs[name] = target;
            Story.Add($"{name} at {target}");
        }
    }

    private async Task SquashAsync(string branch)
    {
        var head = Commits.Single(commit => commit.Id == Refs[branch]);
        var squashed = await catalog.SquashBranchAsync(new() { Name = repository, Branch = branch, Parent = head.Id, Summary = "squash" }, cancellationToken: cancel);
        if (head.Parents.Count > 0)
        {
            Keep(new(squashed.Id, squashed.Tree, [], squashed.Author, squashed.At.Seconds, "squash\n", head.Files), branch);
        }
        else
        {
            Assert.Equal(head.Id, squashed.Id);
        }
    }

    private async Task MergeAsync(string branch, string theirs)
    {
        var (ours, request) = (Refs[branch], new MergeRevisionRequest { Name = repository, Branch = branch, Revision = theirs, Summary = "merge", DryRun = true });
        var model = new ModelMerge(Commits);
        var bases = model.BasesOf(ours, theirs);
        if (bases.Count is 0)
        {
            var refused = await Assert.ThrowsAsync<Grpc.Core.RpcException>(async () => await catalog.MergeRevisionAsync(request, cancellationToken: cancel));
            Assert.Contains("no commit in common", refused.Status.Detail, StringComparison.Ordinal);
            return;
        }

        var dry = await catalog.MergeRevisionAsync(request, cancellationToken: cancel);
        Assert.Equal(bases, dry.Bases);
        var (files, conflicts) = bases.Contains(theirs) ? (_content[ours], []) : ModelMerge.Merge([.. bases.Select(commit => _content[commit])], _content[ours], _content[theirs]);
        Assert.Equal(files is null, dry.Conflicts.Count > 0);
        Assert.Subset(dry.Conflicts.ToHashSet(), conflicts);
        Story.Add($"{branch}: {theirs} merged, {dry.Conflicts.Count} conflicts");
        request.DryRun = false;
        if (files is null)
        {
            var refused = await Assert.ThrowsAsync<Grpc.Core.RpcException>(async () => await catalog.MergeRevisionAsync(request, cancellationToken: cancel));
            Assert.Contains("both have changed", refused.Status.Detail, StringComparison.Ordinal);
            return;
        }

        var merged = (await catalog.MergeRevisionAsync(request, cancellationToken: cancel)).Commit;
        Merges += bases.Contains(theirs) ? 0 : 1;
        if (!bases.Contains(theirs))
        {
            Keep(new(merged.Id, merged.Tree, [ours, theirs], merged.Author, merged.At.Seconds, "merge\n", files), branch);
        }

        Assert.Equal(Refs[branch], merged.Id);
    }

    private async Task DeleteRefAsync()
    {
        if (Refs.Keys.Where(name => name is not "refs/heads/main").ToList() is { Count: > 0 } names)
        {
            var name = Pick(names);
            await catalog.DeleteRefAsync(new() { Name = repository, Ref = name }, cancellationToken: cancel);
            Refs.Remove(name);
            Story.Add($"{name} deleted");
        }
    }

    /// <summary>Adds an operation that is possible after those before it, and does it to the model.</summary>
    private void Add(CreateCommitRequest request, Dictionary<string, byte[]> files, Dictionary<string, byte[]> head)
    {
        var known = files.Keys.Where(path => path is not Attributes).Order(StringComparer.Ordinal).ToList();
        var operation = (random.Next(10), known.Count) switch
        {
            (0, > 0) => Delete(files, Pick(known)),
            (1, > 0) => DeleteFolder(files, Pick(known)),
            (2 or 3, _) => Copy(files, head),
            (4, > 0) => Move(request, files, Pick(known)),
            (5, _) => PutLarge(files),
            _ => PutSmall(files),
        };
        if (operation is not null)
        {
            request.Operations.Add(operation);
        }
    }

    private static Operation Delete(Dictionary<string, byte[]> files, string path)
    {
        files.Remove(path);
        return new() { DeletePath = new() { Path = path } };
    }

    private static Operation? DeleteFolder(Dictionary<string, byte[]> files, string path)
    {
        var slash = path.LastIndexOf('/');
        if (slash < 0)
        {
            return null;
        }

        foreach (var below in files.Keys.Where(other => other.StartsWith(path[..(slash + 1)], StringComparison.Ordinal)).ToList())
        {
            files.Remove(below);
        }

        return new() { DeletePath = new() { Path = path[..slash], Recursive = true } };
    }

    private Operation? Copy(Dictionary<string, byte[]> files, Dictionary<string, byte[]> head)
    {
        var (revision, source) = Commits.Count > 0 && random.Next(2) is 0 && Pick(Commits) is var other ? (other.Id, _content[other.Id]) : ("", head);
        var (to, known) = (NewPath(), source.Keys.Where(path => path is not Attributes).Order(StringComparer.Ordinal).ToList());
        if (known.Count is 0 || !CanPut(files, to))
        {
            return null;
        }

        var from = Pick(known);
        files[to] = source[from];
        return new() { CopyFile = new() { FromPath = from, ToPath = to, FromRevision = revision } };
    }

    // What a comparison is to find: the same content at another place.
    private Operation? Move(CreateCommitRequest request, Dictionary<string, byte[]> files, string path)
    {
        var (to, content) = (random.Next(2) is 0 ? $"{NewPath()}/{path[(path.LastIndexOf('/') + 1)..]}" : NewPath(), files[path]);
        if (IsPointer(content) || !CanPut(files, to) || path.StartsWith(to + "/", StringComparison.Ordinal))
        {
            return null;
        }

        request.Operations.Add(Delete(files, path));
        files[to] = content;
        return new() { AddFile = new() { Path = to, Content = ByteString.CopyFrom(content) } };
    }

    private Operation? PutSmall(Dictionary<string, byte[]> files)
    {
        var (path, content) = (NewPath(), Pick<byte[]>([[], "same"u8.ToArray(), [0, 1, 255], Encoding.UTF8.GetBytes($"{random.Next(30)}\n"), new byte[random.Next(20_000)]]));
        if (!CanPut(files, path))
        {
            return null;
        }

        files[path] = content;
        return new() { AddFile = new() { Path = path, Content = ByteString.CopyFrom(content) } };
    }

    private Operation? PutLarge(Dictionary<string, byte[]> files)
    {
        var path = NewPath();
        if (!CanPut(files, path))
        {
            return null;
        }

        var number = random.Next(6);
        var file = artifacts.Upload("acme", $"large {number}", 5_000_000_000 + number);
        files[path] = Encoding.ASCII.GetBytes($"version https://git-lfs.github.com/spec/v1\noid sha256:{file.Sha256}\nsize {file.Size}\n");
        return new() { AddLargeFile = new() { Path = path, Sha256 = file.Sha256, Size = file.Size } };
    }

    private string NewPath() => string.Join('/', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Pick(Names)));

    private static bool CanPut(Dictionary<string, byte[]> files, string path) => !files.Keys.Any(other =>
        other.StartsWith(path + "/", StringComparison.Ordinal) || path.StartsWith(other + "/", StringComparison.Ordinal));

    private static bool Same(Dictionary<string, byte[]> files, Dictionary<string, byte[]> others) =>
        files.Count == others.Count && files.All(file => others.TryGetValue(file.Key, out var content) && file.Value.AsSpan().SequenceEqual(content));

    private static bool IsPointer(byte[] content) => content.AsSpan().StartsWith("version https://git-lfs"u8);

    private string Branch() => Pick([.. Refs.Keys.Where(name => name.StartsWith("refs/heads/", StringComparison.Ordinal))]);

    private T Pick<T>(IReadOnlyList<T> all) => all[random.Next(all.Count)];
}
