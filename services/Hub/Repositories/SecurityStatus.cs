using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Hub.Repositories;

/// <summary>Which files of a revision are not what they should be: told to clients that ask for it, for it costs calls where some are not.</summary>
internal sealed class SecurityStatus(Garden garden)
{
    public const string Field = "securityRepoStatus";

    // 50,000 files; of more, <c>paths-info</c> tells.
    private const int MaximumPages = 50;
    private const int PageSize = 1000;

    public async Task<JsonObject> ReadAsync(ResolveRevisionResponse found, RepositoryKind kind, CancellationToken cancellationToken)
    {
        var (issues, isDone) = found.Commit.Length is 0 || found.Record?.Measured?.Verdict is Verdict.Clean ? ([], true) : await FindAsync(found, kind, cancellationToken);
        return new() { ["scansDone"] = isDone, ["filesWithIssues"] = issues };
    }

    private async Task<(JsonArray Issues, bool IsDone)> FindAsync(ResolveRevisionResponse found, RepositoryKind kind, CancellationToken cancellationToken)
    {
        var (issues, isDone) = (new JsonArray(), true);
        var request = new ListTreeRequest { Name = found.Repository.Name, Kind = kind, Revision = found.Commit, Recursive = true, PageSize = PageSize };
        for (var page = 0; page < MaximumPages && (page is 0 || request.PageToken.Length > 0); page++)
        {
            var tree = await garden.Catalog.ListTreeAsync(request, cancellationToken: cancellationToken);
            var paths = tree.Entries.Where(entry => !entry.Folder).Select(entry => entry.Path);
            var entries = await garden.Catalog.GetEntriesAsync(new() { Name = request.Name, Kind = kind, Revision = found.Commit, Paths = { paths } }, cancellationToken: cancellationToken);
            foreach (var entry in entries.Entries)
            {
                isDone &= entry.Verdict is Verdict.Clean or Verdict.Suspicious or Verdict.Malicious;
                if (entry.Verdict is Verdict.Suspicious or Verdict.Malicious)
                {
                    issues.Add(new JsonObject { ["path"] = entry.Path, ["level"] = entry.Verdict is Verdict.Malicious ? "unsafe" : "suspicious" });
                }
            }

            request.PageToken = tree.NextPageToken;
        }

        return (issues, isDone && request.PageToken.Length is 0);
    }
}
