using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Tests.Doubles;

/// <summary>Comparing, squashing and moving.</summary>
public sealed partial class CatalogDouble
{
    public override Task<CompareRevisionsResponse> CompareRevisions(CompareRevisionsRequest request, ServerCallContext context)
    {
        var repository = Find(request.Name, request.Kind, context);
        var after = repository.Resolve(request.Revision)!;
        var before = request.Base.Length > 0 ? repository.Resolve(request.Base) : after.Commit.Parents is [var parent] ? repository.Resolve(parent) : null;
        if (request.FromCommonAncestor)
        {
            var behind = repository.HistoryOf(after).Select(commit => commit.Id).ToHashSet();
            before = repository.HistoryOf(before).FirstOrDefault(commit => behind.Contains(commit.Id)) is { } common
                ? repository.Commits[common.Id]
                : throw new ErrorException(Error.Conflict("NO_COMMON_ANCESTOR", "no commit in common"));
        }

        var all = Changes(before?.Files ?? [], after.Files).OrderBy(change => (change.After ?? change.Before).Path, StringComparer.Ordinal).ToList();
        var (page, next) = Page(all, request.PageToken, request.PageSize);
        return Task.FromResult(new CompareRevisionsResponse { Changes = { page }, NextPageToken = next, Base = before?.Commit.Id ?? "", Commit = after.Commit.Id, Total = all.Count });
    }

    /// <summary>Of the newest revision alone, with a page behind that is never asked for.</summary>
    public override Task<ListLargeFilesResponse> ListLargeFiles(ListLargeFilesRequest request, ServerCallContext context)
    {
        var files = Find(request.Name, request.Kind, context).Resolve("main")!.Files.Where(file => file.Value.Entry.Sha256.Length > 0);
        return Task.FromResult(new ListLargeFilesResponse
        {
            Files = { files.Select(file => new LargeFile { Sha256 = file.Value.Entry.Sha256, Size = file.Value.Entry.Size, Path = file.Key, PushedAt = new() { Seconds = 7 }, Ref = "refs/heads/main" }) },
            NextPageToken = "more",
            Total = 1,
        });
    }

    /// <summary>Each file's patch is its name: lines are Catalog's to compare.</summary>
    public override async Task<DiffRevisionsResponse> DiffRevisions(DiffRevisionsRequest request, ServerCallContext context)
    {
        var wanted = new CompareRevisionsRequest { Name = request.Name, Kind = request.Kind, Base = request.Base, Revision = request.Revision, FromCommonAncestor = request.FromCommonAncestor, PageSize = 2, PageToken = request.PageToken };
        var compared = await CompareRevisions(wanted, context);
        return new()
        {
            Files = { compared.Changes.Select(change => new FileDiff { Change = change, Patch = Google.Protobuf.ByteString.CopyFromUtf8($"{(change.After ?? change.Before).Path}\n") }) },
            NextPageToken = compared.NextPageToken,
            Base = compared.Base,
            Commit = compared.Commit,
        };
    }

    public override Task<Commit> SquashBranch(SquashBranchRequest request, ServerCallContext context)
    {
        var repository = FindOwn(request.Name, request.Kind, context);
        var branch = $"refs/heads/{request.Branch}";
        var head = repository.Refs.GetValueOrDefault(branch) ?? throw new ErrorException(Error.NotFound("REVISION_NOT_FOUND", $"no branch '{Text.Shorten(request.Branch)}'"));
        var made = new CreateCommitRequest { Summary = request.Summary, Description = request.Description };
        return Task.FromResult(repository.Add(branch, null, repository.Commits[head].Files, made, context.GetCaller().Principal.Name));
    }

    public override Task<Repository> MoveRepository(MoveRepositoryRequest request, ServerCallContext context)
    {
        var name = RepositoryName.Create(request.NewName).OrThrow();
        var repository = FindOwn(request.Name, request.Kind, context);
        return context.GetCaller().IsOf(name.Owner.Value)
            ? Task.FromResult(store.Move(repository, name.Value).Describe())
            : throw new ErrorException(Error.Denied("NOT_YOUR_NAMESPACE", $"{name.Owner} is not yours"));
    }

    public override Task<Repository> DuplicateRepository(DuplicateRepositoryRequest request, ServerCallContext context)
    {
        var repository = Find(request.Name, request.Kind, context);
        if (request.DryRun)
        {
            return store.Find(request.NewName) is null ? Task.FromResult(new Repository { Name = request.NewName }) : throw new ErrorException(Error.Exists("REPOSITORY_EXISTS", $"'{request.NewName}' is there already"));
        }

        var made = store.Create(new() { Name = request.NewName, Kind = request.Kind, Visibility = request.Visibility is Visibility.Unspecified ? repository.Visibility : request.Visibility });
        made.Add("refs/heads/main", null, repository.Resolve(request.Revision)!.Files, new() { Summary = "Duplicate" }, context.GetCaller().Principal.Name);
        return Task.FromResult(made.Describe());
    }

    private StoredRepository? FindByAnyName(string name, ServerCallContext context)
    {
        if (store.Find(name) is { } found)
        {
            return found;
        }

        if (store.Moved.TryGetValue(name, out var now))
        {
            context.ResponseTrailers.Add("garden-moved-to", now);
            return store.Find(now);
        }

        return null;
    }

    private static IEnumerable<FileChange> Changes(SortedDictionary<string, StoredEntry> before, SortedDictionary<string, StoredEntry> after)
    {
        var gone = before.Where(file => !after.ContainsKey(file.Key)).Select(file => file.Value.Entry).ToList();
        foreach (var (path, (entry, content)) in after)
        {
            var old = before.GetValueOrDefault(path)?.Entry ?? gone.Find(other => other.Oid == entry.Oid);
            gone.Remove(old!);
            if (old?.Oid != entry.Oid || old.Path != path)
            {
                yield return Change(old, entry, content.Contains((byte)0));
            }
        }

        foreach (var entry in gone)
        {
            yield return Change(entry, null, false);
        }
    }

    private static FileChange Change(TreeEntry? before, TreeEntry? after, bool binary) => new()
    {
        Kind = before is null ? FileChangeKind.Added : after is null ? FileChangeKind.Deleted : before.Path != after.Path ? FileChangeKind.Renamed : FileChangeKind.Modified,
        Before = before,
        After = after,
        ModeBefore = before is null ? "000000" : "100644",
        ModeAfter = after is null ? "000000" : "100644",
        Binary = binary,
    };
}
