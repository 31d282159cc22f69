using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Hub.Repositories;

/// <summary>Which files of a revision are not what they should be: told to clients that ask for it, for it costs a call where some are not.</summary>
internal sealed class SecurityStatus(Garden garden)
{
    public const string Field = "securityRepoStatus";

    public async Task<JsonObject> ReadAsync(ResolveRevisionResponse found, RepositoryKind kind, CancellationToken cancellationToken)
    {
        var findings = found.Commit.Length is 0 || found.Record?.Measured?.Verdict is Verdict.Clean
            ? new() { Examined = true }
            : await garden.Catalog.ListFindingsAsync(new() { Name = found.Repository.Name, Kind = kind, Revision = found.Commit }, cancellationToken: cancellationToken);
        return new() { ["scansDone"] = findings.Examined, ["filesWithIssues"] = new JsonArray([.. findings.Files.Select(Issue)]) };
    }

    private static JsonObject Issue(FileFinding file) => new() { ["path"] = file.Path, ["level"] = file.Verdict is Verdict.Malicious ? "unsafe" : "suspicious" };
}
