using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Popularity;
using ModelGarden.Hub.Remembering;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Hub.Xet;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Files;

/// <summary>
/// Gives files. Small ones come from Catalog and are sent here; a large one's bytes never pass here: the answer is a redirect to an
/// address that Artifacts has signed and that needs no token.
/// </summary>
internal sealed class ResolveEndpoints(Garden garden, Gate gate, ConvertedFiles converted, FileAnswers answers, DownloadLedger ledger, TimeProvider clock) : IEndpoints
{
    private const int LinkLifetimeSeconds = 3600;

    // So long one signed address is given again: clients have most of its life left to download.
    private static readonly TimeSpan LinkReuse = TimeSpan.FromMinutes(10);

    public IEnumerable<HubRoute> Routes =>
    [
        new("GET HEAD", "/{prefix}/{ns}/{name}/resolve/{rev}/{*path}", ResolveAsync),
        new("GET HEAD", "/{prefix}/{name}/resolve/{rev}/{*path}", ResolveAsync),
        new("GET HEAD", "/{prefix}/{ns}/{name}/raw/{rev}/{*path}", RawAsync),
    ];

    private async Task ResolveAsync(HubRequest request)
    {
        var found = await FindAsync(request, mayBeConverted: true);
        var isGated = !Gate.IsOpen(found.Entry);
        if (isGated)
        {
            await gate.PassAsync(request, found.Resource);
        }

        Downloads.Require(found.Entry, request.Caller, found.Repository);
        // A HEAD as well: clients take the address of a large file from it. What is free to read before anything is accepted is no download.
        if (isGated)
        {
            ledger.Note(request, found.RepositoryId);
        }

        if (found.Entry.Sha256.Length > 0)
        {
            await RedirectAsync(request, found);
            return;
        }

        await SendAsync(request, found.Entry, found.Commit);
    }

    // The file as git has it: of a large one the pointer. A HEAD only says that it is there, which lists say as well.
    private async Task RawAsync(HubRequest request)
    {
        var found = await FindAsync(request, mayBeConverted: false);
        if (!request.IsHead && !Gate.IsOpen(found.Entry))
        {
            await gate.PassAsync(request, found.Resource);
        }

        if (found.Entry.Sha256.Length is 0)
        {
            Downloads.Require(found.Entry, request.Caller, found.Repository);
        }

        await SendAsync(request, found.Entry, found.Commit);
    }

    /// <param name="request">With revision and path.</param>
    /// <param name="mayBeConverted">Where the revision has no such file, one that was made of its checkpoint stands in.</param>
    private async ValueTask<FileAnswer> FindAsync(HubRequest request, bool mayBeConverted)
    {
        var question = new FileQuestion(
            FileQuestion.ViewOf(request.Caller), request.Kind, request.Repository, request.Value("rev"), FilePath.Create(request.Value("path")).OrThrow().Value);
        var found = answers.Find(question) ?? await AskAsync(request, question, mayBeConverted);
        request.Http.Response.Headers[Headers.RepoCommit] = found.Commit;
        return found;
    }

    private async Task<FileAnswer> AskAsync(HubRequest request, FileQuestion question, bool mayBeConverted)
    {
        var (changes, path) = (answers.Changes, question.Path);
        var found = await garden.Catalog.GetEntriesAsync(
            new() { Name = question.Repository, Kind = question.Kind, Revision = question.Revision, Paths = { path } }, cancellationToken: request.Cancel);
        if (found.Commit.Length > 0)
        {
            request.Http.Response.Headers[Headers.RepoCommit] = found.Commit;
        }

        if (found.Entries.FirstOrDefault(entry => entry.Path == path && !entry.Folder) is { } entry)
        {
            var answer = AnswerOf(found, entry);
            if (entry.Verdict is Verdict.Clean)
            {
                // Of what is not, nobody is told when it is examined, if that changes nothing else.
                answers.Keep(question, answer, changes);
            }

            return answer;
        }

        // Only in a commit that is there: an empty repository has nothing to convert. Not remembered: no feed tells of conversions.
        return mayBeConverted && found.Commit.Length > 0 && await converted.FindAsync(request, found.Commit, path) is { } file
            ? AnswerOf(found, file.Entry) with { Source = file.Source }
            : throw new ErrorException(Error.NotFound("PATH_NOT_FOUND", $"no file '{Text.Shorten(path)}' in {question.Repository} at {Text.Shorten(question.Revision)}"));
    }

    private static FileAnswer AnswerOf(GetEntriesResponse found, TreeEntry entry) => new(entry, Resource.Of(found));

    private async Task RedirectAsync(HubRequest request, FileAnswer found)
    {
        if (found.Link is null || found.Link.Until <= clock.GetUtcNow())
        {
            found.Link = await SignAsync(request, found);
        }

        var (response, link) = (request.Http.Response, found.Link);
        response.Headers.ETag = response.Headers[Headers.LinkedEtag] = $"\"{found.Entry.Sha256}\"";
        response.Headers[Headers.LinkedSize] = $"{found.Entry.Size}";
        response.Headers.AcceptRanges = "bytes";
        if (found.Source is { } source)
        {
            response.Headers[Headers.ConvertedFrom] = Uri.EscapeDataString(source);
        }

        response.Headers.CacheControl = "private, no-store";
        // The Xet protocol gives what is in the commit: a converted file is not.
        if (found.Source is null && await XetLinks.DescribeAsync(request, found.Repository, found.Commit, link.XetHash))
        {
            return;
        }

        response.StatusCode = StatusCodes.Status302Found;
        response.Headers.Location = request.Address + link.Url;
        response.ContentLength = 0;
    }

    private async Task<SignedLink> SignAsync(HubRequest request, FileAnswer found)
    {
        var until = clock.GetUtcNow() + LinkReuse;
        var signed = await garden.ArtifactsAsHub.SignDownloadAsync(
            new()
            {
                Sha256 = found.Entry.Sha256,
                Tenant = request.Caller.Principal.Tenant,
                FileName = found.Entry.Path[(found.Entry.Path.LastIndexOf('/') + 1)..],
                LifetimeSeconds = LinkLifetimeSeconds,
                AllowUnclean = Downloads.MayReadUnclean(request.Caller, found.Repository),
            },
            cancellationToken: request.Cancel);
        return new(signed.Url, signed.XetHash, until);
    }

    private async Task SendAsync(HubRequest request, TreeEntry entry, string commit)
    {
        InlineFile.Describe(request.Http, entry.Oid, entry.Path[(entry.Path.LastIndexOf('/') + 1)..]);
        if (request.IsHead)
        {
            request.Http.Response.ContentLength = entry.Sha256.Length > 0 ? entry.PointerSize : entry.Size;
            return;
        }

        var file = await garden.Catalog.ReadFileAsync(
            new() { Name = request.Repository, Kind = request.Kind, Revision = commit, Path = entry.Path }, cancellationToken: request.Cancel);
        await InlineFile.SendAsync(request.Http, file.Content.Memory);
    }
}
