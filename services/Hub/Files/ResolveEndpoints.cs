using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Popularity;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Hub.Xet;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Files;

/// <summary>
/// Gives files. Small ones come from Catalog and are sent here; a large one's bytes never pass here: the answer is a redirect to an
/// address that Artifacts has signed and that needs no token.
/// </summary>
internal sealed class ResolveEndpoints(Garden garden, Gate gate, ConvertedFiles converted, DownloadLedger ledger) : IEndpoints
{
    private const int LinkLifetimeSeconds = 3600;

    public IEnumerable<HubRoute> Routes =>
    [
        new("GET HEAD", "/{prefix}/{ns}/{name}/resolve/{rev}/{*path}", ResolveAsync),
        new("GET HEAD", "/{prefix}/{name}/resolve/{rev}/{*path}", ResolveAsync),
        new("GET HEAD", "/{prefix}/{ns}/{name}/raw/{rev}/{*path}", RawAsync),
    ];

    private async Task ResolveAsync(HubRequest request)
    {
        var found = await FindAsync(request, converted.FindAsync);
        if (!Gate.IsOpen(found.Entry))
        {
            await gate.PassAsync(request, found.Repository.Name, found.Commit, found.Record);
        }

        Downloads.Require(found.Entry, request.Caller, found.Repository.Name);
        // A HEAD as well: clients take the address of a large file from it. What is free to read before anything is accepted is no download.
        if (!Gate.IsOpen(found.Entry))
        {
            ledger.Note(request, found.Repository.Id);
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
        var found = await FindAsync(request);
        if (!request.IsHead && !Gate.IsOpen(found.Entry))
        {
            await gate.PassAsync(request, found.Repository.Name, found.Commit, found.Record);
        }

        if (found.Entry.Sha256.Length is 0)
        {
            Downloads.Require(found.Entry, request.Caller, found.Repository.Name);
        }

        await SendAsync(request, found.Entry, found.Commit);
    }

    /// <param name="request">With revision and path.</param>
    /// <param name="otherwise">What may stand in where the revision has no such file.</param>
    private async Task<FoundFile> FindAsync(HubRequest request, Func<HubRequest, string, string, Task<ConvertedFile?>>? otherwise = null)
    {
        var path = FilePath.Create(request.Value("path")).OrThrow().Value;
        var found = await garden.Catalog.GetEntriesAsync(
            new() { Name = request.Repository, Kind = request.Kind, Revision = request.Value("rev"), Paths = { path } }, cancellationToken: request.Cancel);
        if (found.Commit.Length > 0)
        {
            request.Http.Response.Headers[Headers.RepoCommit] = found.Commit;
        }

        if (found.Entries.FirstOrDefault(entry => entry.Path == path && !entry.Folder) is { } entry)
        {
            return new(entry, found.Commit, found.Repository, found.Record);
        }

        // Only in a commit that is there: an empty repository has nothing to convert.
        return otherwise is not null && found.Commit.Length > 0 && await otherwise(request, found.Commit, path) is { } file
            ? new(file.Entry, found.Commit, found.Repository, found.Record) { Source = file.Source }
            : throw new ErrorException(Error.NotFound("PATH_NOT_FOUND", $"no file '{Text.Shorten(path)}' in {request.Repository} at {Text.Shorten(request.Value("rev"))}"));
    }

    private async Task RedirectAsync(HubRequest request, FoundFile found)
    {
        var caller = request.Caller;
        var signed = await garden.ArtifactsAsHub.SignDownloadAsync(
            new()
            {
                Sha256 = found.Entry.Sha256,
                Tenant = caller.Principal.Tenant,
                FileName = found.Entry.Path[(found.Entry.Path.LastIndexOf('/') + 1)..],
                LifetimeSeconds = LinkLifetimeSeconds,
                AllowUnclean = Downloads.MayReadUnclean(caller, found.Repository.Name),
            },
            cancellationToken: request.Cancel);
        var response = request.Http.Response;
        response.Headers.ETag = response.Headers[Headers.LinkedEtag] = $"\"{found.Entry.Sha256}\"";
        response.Headers[Headers.LinkedSize] = $"{found.Entry.Size}";
        response.Headers.AcceptRanges = "bytes";
        if (found.Source is { } source)
        {
            response.Headers[Headers.ConvertedFrom] = Uri.EscapeDataString(source);
        }

        response.Headers.CacheControl = "private, no-store";
        // The Xet protocol gives what is in the commit: a converted file is not.
        if (found.Source is null && await XetLinks.DescribeAsync(request, found.Repository.Name, found.Commit, signed.XetHash))
        {
            return;
        }

        response.StatusCode = StatusCodes.Status302Found;
        response.Headers.Location = request.Address + signed.Url;
        response.ContentLength = 0;
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

    private sealed record FoundFile(TreeEntry Entry, string Commit, Repository Repository, ModelRecord? Record)
    {
        /// <summary>The checkpoint that it was converted from; null: it is in the revision itself.</summary>
        public string? Source { get; init; }
    }
}
