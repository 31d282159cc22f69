using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Files;
using ModelGarden.Hub.Routing;

namespace ModelGarden.Hub.Commits;

/// <summary>The lines that differ between two revisions, for who may have the files of both.</summary>
internal sealed class LineDiffs(Garden garden, Gate gate)
{
    /// <summary>The first page; a refusal as for the files themselves.</summary>
    public async Task<DiffRevisionsResponse> FirstAsync(HubRequest request, DiffRevisionsRequest wanted)
    {
        // Before anything is compared: what is refused costs no more than that.
        var passed = new HashSet<string> { await PassAsync(request, wanted.Revision) };
        if (wanted.Base.Length > 0)
        {
            passed.Add(await PassAsync(request, wanted.Base));
        }

        var page = await garden.Catalog.DiffRevisionsAsync(wanted, cancellationToken: request.Cancel);
        // Of the commits that were compared in the end: of a parent, or of one that both come from, too.
        foreach (var commit in new[] { page.Base, page.Commit }.Where(commit => commit.Length > 0 && passed.Add(commit)))
        {
            await PassAsync(request, commit);
        }

        return page;
    }

    /// <summary>The commit.</summary>
    private async Task<string> PassAsync(HubRequest request, string revision)
    {
        var found = await garden.Catalog.ResolveRevisionAsync(new() { Name = request.Repository, Kind = request.Kind, Revision = revision }, cancellationToken: request.Cancel);
        await gate.PassAsync(request, Resource.Of(found));
        return found.Commit;
    }
}
