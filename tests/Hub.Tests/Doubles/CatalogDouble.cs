using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Hub.Tests.Doubles;

/// <summary>Catalog as its proto describes it, in memory and without git: enough of it for what the Hub asks.</summary>
public sealed partial class CatalogDouble(CatalogStore store) : Catalog.CatalogBase
{
    private const int InlineLimit = 1 << 20;

    public override Task<Repository> CreateRepository(CreateRepositoryRequest request, ServerCallContext context)
    {
        var name = RepositoryName.Create(request.Name).OrThrow();
        if (!context.GetCaller().IsOf(name.Owner.Value))
        {
            throw new ErrorException(Error.Denied("NOT_YOUR_NAMESPACE", $"{name.Owner} is not yours"));
        }

        var repository = store.Create(request);
        if (request.FirstCommit is { } first)
        {
            var files = new SortedDictionary<string, StoredEntry>(StringComparer.Ordinal);
            first.Operations.ToList().ForEach(operation => Apply(files, operation, repository.Name));
            repository.Add("refs/heads/main", null, files, first, context.GetCaller().Principal.Name);
        }

        return Task.FromResult(repository.Describe());
    }

    public override Task<Repository> GetRepository(GetRepositoryRequest request, ServerCallContext context) =>
        Task.FromResult(Find(request.Name, request.Kind, context).Describe());

    public override Task<DeleteRepositoryResponse> DeleteRepository(DeleteRepositoryRequest request, ServerCallContext context)
    {
        store.Delete(FindOwn(request.Name, request.Kind, context).Name);
        return Task.FromResult(new DeleteRepositoryResponse());
    }

    public override Task<Repository> UpdateRepository(UpdateRepositoryRequest request, ServerCallContext context)
    {
        var repository = FindOwn(request.Name, request.Kind, context);
        repository.Visibility = request.Visibility is Visibility.Unspecified ? repository.Visibility : request.Visibility;
        repository.Gate = request.Gate is AccessGate.Unspecified ? repository.Gate : request.Gate;
        return Task.FromResult(repository.Describe());
    }

    public override Task<GetAccessFormResponse> GetAccessForm(GetAccessFormRequest request, ServerCallContext context)
    {
        var found = Find(request.Name, request.Kind, context);
        return Task.FromResult(new GetAccessFormResponse { Repository = found.Describe(), Form = found.Form });
    }

    public override Task<ResolveRevisionResponse> ResolveRevision(ResolveRevisionRequest request, ServerCallContext context)
    {
        var repository = Find(request.Name, request.Kind, context);
        var commit = repository.Resolve(request.Revision);
        return Task.FromResult(new ResolveRevisionResponse
        {
            Repository = repository.Describe(),
            Commit = commit?.Commit.Id ?? "",
            Record = repository.RecordOf(commit),
            CommittedAt = commit?.Commit.At,
        });
    }

    public override Task<Commit> CreateCommit(CreateCommitRequest request, ServerCallContext context)
    {
        var repository = FindOwn(request.Name, request.Kind, context);
        lock (repository)
        {
            var branch = request.Branch.StartsWith("refs/", StringComparison.Ordinal) ? request.Branch : $"refs/heads/{(request.Branch.Length > 0 ? request.Branch : "main")}";
            var head = repository.Refs.GetValueOrDefault(branch);
            if (head is null && repository.Refs.Count > 0)
            {
                throw new ErrorException(Error.NotFound("REVISION_NOT_FOUND", $"no branch '{request.Branch}'"));
            }

            if (request.Parent.Length > 0 && request.Parent != head)
            {
                throw new ErrorException(Error.Conflict("PARENT_MOVED", $"{branch} is at {head}, not at {request.Parent}"));
            }

            var files = new SortedDictionary<string, StoredEntry>(head is null ? [] : repository.Commits[head].Files, StringComparer.Ordinal);
            foreach (var operation in request.Operations)
            {
                Apply(files, operation, repository.Name);
            }

            var author = context.GetCaller().Principal.Name;
            return Task.FromResult(request.CreatePullRequest ? Propose(repository, head, files, request, author) : repository.Add(branch, head, files, request, author));
        }
    }

    public override Task<ListCommitsResponse> ListCommits(ListCommitsRequest request, ServerCallContext context)
    {
        var repository = Find(request.Name, request.Kind, context);
        var all = repository.HistoryOf(repository.Resolve(request.Revision)).ToList();
        var (page, next) = Page(all, request.PageToken, request.PageSize is 0 ? 50 : request.PageSize);
        return Task.FromResult(new ListCommitsResponse { Commits = { page }, NextPageToken = next, Total = all.Count });
    }

    public override Task<ListRefsResponse> ListRefs(ListRefsRequest request, ServerCallContext context) => Task.FromResult(new ListRefsResponse
    {
        Refs = { Find(request.Name, request.Kind, context).Refs.Select(one => new Ref { Name = one.Key, Commit = one.Value }) },
    });

    public override Task<Ref> CreateRef(CreateRefRequest request, ServerCallContext context)
    {
        var repository = FindOwn(request.Name, request.Kind, context);
        var commit = repository.Resolve(request.Revision)?.Commit.Id ?? throw new ErrorException(Error.NotFound("REVISION_NOT_FOUND", "no commit yet"));
        if (request.Ref.Any(c => c is ' ' or '~' or '^' or ':' or '\\' || char.IsControl(c)))
        {
            throw new ErrorException(Error.Invalid("BAD_REF_NAME", $"'{Text.Shorten(request.Ref)}' is not a name of a ref"));
        }

        return repository.Refs.TryAdd(request.Ref, commit)
            ? Task.FromResult(new Ref { Name = request.Ref, Commit = commit })
            : throw new ErrorException(Error.Exists("REF_EXISTS", $"'{request.Ref}' is there already"));
    }

    public override Task<DeleteRefResponse> DeleteRef(DeleteRefRequest request, ServerCallContext context)
    {
        if (request.Ref is "refs/heads/main")
        {
            throw new ErrorException(Error.Conflict("DEFAULT_BRANCH", "main is the default branch"));
        }

        return FindOwn(request.Name, request.Kind, context).Refs.Remove(request.Ref)
            ? Task.FromResult(new DeleteRefResponse())
            : throw new ErrorException(Error.NotFound("REF_NOT_FOUND", $"no ref '{Text.Shorten(request.Ref)}'"));
    }

    public override Task<ListTreeResponse> ListTree(ListTreeRequest request, ServerCallContext context)
    {
        var commit = Find(request.Name, request.Kind, context).Resolve(request.Revision);
        var entries = commit?.Below(request.Path, request.Recursive) ?? [];
        if (entries.Count is 0 && request.Path.Length > 0)
        {
            throw new ErrorException(Error.NotFound("PATH_NOT_FOUND", $"no folder '{Text.Shorten(request.Path)}'"));
        }

        var (page, next) = Page(entries, request.PageToken, request.PageSize is 0 ? 1000 : request.PageSize);
        return Task.FromResult(new ListTreeResponse { Entries = { request.Detailed ? page.Select(entry => Dated(Judged(entry), commit)) : page }, NextPageToken = next, Commit = commit?.Commit.Id ?? "" });
    }

    public int EntriesAsked { get; private set; }

    public override Task<GetEntriesResponse> GetEntries(GetEntriesRequest request, ServerCallContext context)
    {
        EntriesAsked++;
        var repository = Find(request.Name, request.Kind, context);
        var commit = repository.Resolve(request.Revision);
        var all = commit?.Below("", recursive: true) ?? [];
        return Task.FromResult(new GetEntriesResponse
        {
            Entries = { request.Paths.SelectMany(path => all.Where(entry => entry.Path == path)).Select(Judged).Select(entry => request.Detailed ? Dated(entry, commit) : entry) },
            Commit = commit?.Commit.Id ?? "",
            Repository = repository.Describe(),
            Record = repository.RecordOf(commit),
        });
    }

    public override Task<ListFindingsResponse> ListFindings(ListFindingsRequest request, ServerCallContext context)
    {
        var entries = (Find(request.Name, request.Kind, context).Resolve(request.Revision)?.Below("", recursive: true) ?? []).Where(entry => !entry.Folder).Select(Judged);
        var found = entries.Where(entry => entry.Verdict is Verdict.Suspicious).Select(entry => new FileFinding { Path = entry.Path, Verdict = entry.Verdict }).ToList();
        return Task.FromResult(new ListFindingsResponse { Files = { found }, Total = found.Count, Examined = true });
    }

    /// <summary>As if each commit wrote everything anew.</summary>
    private static TreeEntry Dated(TreeEntry entry, StoredCommit? commit) =>
        new(entry) { LastCommit = commit is null ? null : new() { Id = commit.Commit.Id, Title = commit.Commit.Summary, At = commit.Commit.At } };

    private TreeEntry Judged(TreeEntry entry) => store.Misnamed.TryGetValue(entry.Path, out var why)
        ? new(entry) { Verdict = Verdict.Suspicious, Finding = new() { Rule = "NAME_PROMISE", Severity = "suspicious", Message = why } }
        : new(entry) { Verdict = Verdict.Clean };

    public override Task<ReadFileResponse> ReadFile(ReadFileRequest request, ServerCallContext context)
    {
        var commit = Find(request.Name, request.Kind, context).Resolve(request.Revision);
        return commit?.Files.GetValueOrDefault(request.Path) is { } file
            ? Task.FromResult(new ReadFileResponse { Content = file.Content, Entry = file.Entry, Commit = commit.Commit.Id })
            : throw new ErrorException(Error.NotFound("PATH_NOT_FOUND", $"no file '{Text.Shorten(request.Path)}'"));
    }

    public override Task<CheckCardResponse> CheckCard(CheckCardRequest request, ServerCallContext context)
    {
        var answer = new CheckCardResponse();
        if (request.Content.Contains("license: [", StringComparison.Ordinal))
        {
            answer.Issues.Add(new CardIssue { Severity = "error", Line = 2, Column = 1, Field = "license", Message = "is not a word" });
        }

        return Task.FromResult(answer);
    }

    public override Task<FindLargeFilesResponse> FindLargeFiles(FindLargeFilesRequest request, ServerCallContext context)
    {
        var held = Find(request.Name, request.Kind, context).Commits.Values.SelectMany(commit => commit.Files.Values).Select(file => file.Entry.Sha256).ToHashSet();
        return Task.FromResult(new FindLargeFilesResponse { Sha256 = { request.Sha256.Where(held.Contains) } });
    }

    public override Task<FindCommonResponse> FindCommon(FindCommonRequest request, ServerCallContext context)
    {
        var repository = Find(request.Name, request.Kind, context);
        var common = request.Haves.Where(repository.Commits.ContainsKey).ToList();
        return Task.FromResult(new FindCommonResponse { Common = { common }, Ready = common.Count > 0 });
    }

    public override async Task ReadPack(ReadPackRequest request, IServerStreamWriter<ReadPackResponse> responseStream, ServerCallContext context)
    {
        var repository = Find(request.Name, request.Kind, context);
        if (request.Wants.FirstOrDefault(want => !repository.Commits.ContainsKey(want)) is { } missing)
        {
            throw new ErrorException(Error.NotFound("REVISION_NOT_FOUND", $"no revision '{missing}'"));
        }

        var files = repository.Commits[request.Wants[0]].Files.Values.Select(file => new GitObject { Type = GitObjectType.Blob, Content = file.Content }).ToList();
        var start = new PackStart { Objects = files.Count, Repository = repository.Name, Described = repository.Describe(), Revisions = { new PackRevision { Commit = request.Wants[0], Licenses = { repository.Declared.Licenses } } } };
        await responseStream.WriteAsync(new() { Start = start }, context.CancellationToken);
        await responseStream.WriteAsync(new() { Objects = new() { Objects = { files } } }, context.CancellationToken);
    }

    public override Task ReadObjects(ReadObjectsRequest request, IServerStreamWriter<ReadObjectsResponse> responseStream, ServerCallContext context)
    {
        _ = FindOwn(request.Name, request.Kind, context);
        return Task.CompletedTask;
    }

    public override async Task<PushResponse> Push(IAsyncStreamReader<PushRequest> requestStream, ServerCallContext context)
    {
        await requestStream.MoveNext(context.CancellationToken);
        var start = requestStream.Current.Start;
        var repository = FindOwn(start.Name, start.Kind, context);
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            store.Pushed.AddRange(requestStream.Current.Objects.Objects);
        }

        return new() { Results = { start.Updates.Select(update => Move(repository, update)) } };
    }

    private static RefResult Move(StoredRepository repository, RefUpdate update)
    {
        if (!update.Name.StartsWith("refs/heads/", StringComparison.Ordinal))
        {
            return new() { Name = update.Name, Refusal = "BAD_REF_NAME: no" };
        }

        if (repository.Refs.GetValueOrDefault(update.Name, "") != update.Old)
        {
            return new() { Name = update.Name, Refusal = "PARENT_MOVED: it is elsewhere" };
        }

        repository.Refs[update.Name] = update.New;
        return new() { Name = update.Name };
    }

    private StoredRepository Find(string name, RepositoryKind kind, ServerCallContext context) =>
        FindByAnyName(name, context) is { IsTakenDown: true } gone && context.GetCaller().IsOf(gone.Owner) ? throw new ErrorException(Error.Denied("REPOSITORY_TAKEN_DOWN", $"{gone.Name} was taken down"))
        : FindByAnyName(name, context) is { IsTakenDown: false } found && (kind is RepositoryKind.Unspecified || kind == found.Kind) && (found.IsPublished || context.GetCaller().IsOf(found.Owner))
            ? found
            : throw new ErrorException(Error.NotFound("REPOSITORY_NOT_FOUND", $"no repository '{Text.Shorten(name)}'"));

    private StoredRepository FindOwn(string name, RepositoryKind kind, ServerCallContext context) =>
        Find(name, kind, context) is var found && context.GetCaller().IsOf(found.Owner)
            ? found
            : throw new ErrorException(Error.Denied("NOT_YOUR_NAMESPACE", $"{found.Owner} is not yours"));

    private void Apply(SortedDictionary<string, StoredEntry> files, Operation operation, string repository)
    {
        switch (operation.OperationCase)
        {
            case Operation.OperationOneofCase.AddFile when operation.AddFile.Content.Length > InlineLimit:
                throw new ErrorException(Error.Invalid("INLINE_TOO_LARGE", $"{operation.AddFile.Path} is too large to be kept inline"));
            case Operation.OperationOneofCase.AddFile:
                files[operation.AddFile.Path] = StoredEntry.Small(operation.AddFile.Path, operation.AddFile.Content);
                break;
            case Operation.OperationOneofCase.AddLargeFile when store.SizeOfUpload(operation.AddLargeFile.Sha256) is not { } size
                || (operation.AddLargeFile.Size > 0 && operation.AddLargeFile.Size != size):
                throw new ErrorException(Error.Invalid("FILE_NOT_UPLOADED", $"{operation.AddLargeFile.Path} of {repository} was not uploaded"));
            case Operation.OperationOneofCase.AddLargeFile:
                files[operation.AddLargeFile.Path] = StoredEntry.Large(operation.AddLargeFile.Path, operation.AddLargeFile.Sha256, store.SizeOfUpload(operation.AddLargeFile.Sha256)!.Value);
                break;
            case Operation.OperationOneofCase.DeletePath:
                Delete(files, operation.DeletePath);
                break;
            default:
                throw new InvalidOperationException("the Hub does not copy");
        }
    }

    private static void Delete(SortedDictionary<string, StoredEntry> files, DeletePath deletion)
    {
        var doomed = files.Keys.Where(path => deletion.Recursive ? path.StartsWith($"{deletion.Path}/", StringComparison.Ordinal) : path == deletion.Path).ToList();
        if (doomed.Count is 0)
        {
            throw new ErrorException(Error.NotFound("PATH_NOT_FOUND", $"there is no file '{Text.Shorten(deletion.Path)}' to delete"));
        }

        doomed.ForEach(path => files.Remove(path));
    }

    private static (IEnumerable<T> Page, string Next) Page<T>(List<T> all, string token, int size)
    {
        var from = token.Length is 0 ? 0
            : int.TryParse(token, CultureInfo.InvariantCulture, out var at) ? at
            : throw new ErrorException(Error.Invalid("BAD_PAGE_TOKEN", "not a page token"));
        return (all.Skip(from).Take(size), from + size < all.Count ? (from + size).ToString(CultureInfo.InvariantCulture) : "");
    }
}
