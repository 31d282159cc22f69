using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Files;
using ModelGarden.Hub.Popularity;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Repositories;

/// <summary>
/// Copies repositories, or large files of them, from one namespace to another without their bytes going out and in again. It is a download and an upload to whoever decides: the caller may
/// have the files, and his tenant has them from then on.
/// </summary>
internal sealed class DuplicateEndpoints(Garden garden, Gate gate, DownloadLedger ledger) : IEndpoints
{
    private const int FilesAtOnce = 1000;

    public IEnumerable<HubRoute> Routes =>
    [
        new("POST", "/api/{kind}/{ns}/{name}/duplicate", DuplicateAsync),
        new("POST", "/api/{kind}/{ns}/{name}/lfs-files/duplicate", DuplicateFilesAsync),
    ];

    private async Task DuplicateAsync(HubRequest request)
    {
        var body = await request.Http.ReadJsonAsync();
        var written = RepositoryName.Create(body.Text("repository")).OrThrow();
        var name = $"{Ownership.NamespaceOf(request, written.Owner.Value)}/{written.Name}";
        Ownership.Check(request, name);
        var source = await PassAsync(request);
        var asked = new DuplicateRepositoryRequest
        {
            Name = request.Repository,
            Kind = request.Kind,
            Revision = source.Commit,
            NewName = name,
            Visibility = RepositoryEndpoints.VisibilityOf(body) ?? Visibility.Unspecified,
        };
        try
        {
            // First whether it can be: files that were given for nothing would count as the tenant's until they are collected.
            await garden.Catalog.DuplicateRepositoryAsync(new(asked) { DryRun = true }, cancellationToken: request.Cancel);
            await HoldAsync(request, name, await LargeFilesAsync(request, source.Commit));
            var made = await garden.Catalog.DuplicateRepositoryAsync(asked, cancellationToken: request.Cancel);
            await request.Http.WriteJsonAsync(RepositoryEndpoints.Named(request, request.Kind, made.Name, made.Id));
        }
        catch (ErrorException exception) when (exception.Error.Code is ErrorCode.AlreadyExists)
        {
            await request.Http.WriteAsync(new(409, null, exception.Error.Message), new() { ["url"] = request.PageOf(name) });
        }
    }

    // What a client that copies files between repositories asks before it commits them to the other one.
    private async Task DuplicateFilesAsync(HubRequest request)
    {
        var body = await request.Http.ReadJsonAsync();
        var target = RepositoryName.Create(body.Object("target").Text("name")).OrThrow().Value;
        Ownership.Check(request, target);
        var wanted = body.Objects("files").Select(file => Sha256Digest.Create(file.Text("sha256")) is { Error: null } digest ? digest.Value.Hex : throw file.Bad("sha256", "is not one: 64 lowercase hexadecimal digits are expected")).ToHashSet();
        if (wanted.Count > FilesAtOnce)
        {
            throw body.Bad("files", $"are {wanted.Count}: at most {FilesAtOnce} at once");
        }

        await PassAsync(request);
        var found = (await garden.Catalog.FindLargeFilesAsync(new() { Name = request.Repository, Kind = request.Kind, Sha256 = { wanted } }, cancellationToken: request.Cancel)).Sha256;
        await HoldAsync(request, target, found);
        var failed = new JsonArray();
        foreach (var sha256 in wanted.Except(found))
        {
            failed.Add(new JsonObject { ["sha256"] = sha256, ["error"] = $"no revision of {request.Repository} that you may see has it" });
        }

        await request.Http.WriteJsonAsync(new JsonObject { ["failed"] = failed });
    }

    /// <summary>The newest revision that the caller sees, whose files he may have.</summary>
    private async Task<ResolveRevisionResponse> PassAsync(HubRequest request)
    {
        var source = await garden.Catalog.ResolveRevisionAsync(new() { Name = request.Repository, Kind = request.Kind }, cancellationToken: request.Cancel);
        await gate.PassAsync(request, Resource.Of(source));
        ledger.Note(request, source.Repository.Id);
        return source;
    }

    private async Task<HashSet<string>> LargeFilesAsync(HubRequest request, string commit)
    {
        var (files, asked) = (new HashSet<string>(), new ListTreeRequest { Name = request.Repository, Kind = request.Kind, Revision = commit, Recursive = true });
        do
        {
            var page = await garden.Catalog.ListTreeAsync(asked, cancellationToken: request.Cancel);
            files.UnionWith(page.Entries.Select(entry => entry.Sha256).Where(sha256 => sha256.Length > 0));
            asked.PageToken = page.NextPageToken;
        }
        while (asked.PageToken.Length > 0);
        return files;
    }

    private async Task HoldAsync(HubRequest request, string repository, IEnumerable<string> files)
    {
        foreach (var some in files.Chunk(FilesAtOnce))
        {
            await garden.ArtifactsAsHub.HoldFilesAsync(new() { Tenant = Ownership.OwnerOf(repository), Sha256 = { some } }, cancellationToken: request.Cancel);
        }
    }
}
