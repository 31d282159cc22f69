using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Commits;

/// <summary>Takes commits.</summary>
internal sealed class CommitEndpoints(Garden garden) : IEndpoints
{
    // Small files in base64, their paths and the lines around them.
    private const long MaximumBody = 64L << 20;
    private const string BranchPrefix = "refs/heads/";

    // The Python client knows by these words that it may say more of what was to be deleted.
    private const string NothingToDelete = "A file with this name doesn't exist";

    public IEnumerable<HubRoute> Routes =>
    [
        new("POST", "/api/{kind}/{ns}/{name}/commit/{rev}", CommitAsync),
        new("POST", "/api/validate-yaml", ValidateCardAsync),
    ];

    private async Task CommitAsync(HubRequest request)
    {
        if (request.Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaximumBody;
        }

        // Told before the body is sent, if there is no such repository or it is not the caller's.
        var repository = await garden.Catalog.GetRepositoryAsync(new() { Name = request.Repository, Kind = request.Kind }, cancellationToken: request.Cancel);
        Repositories.Ownership.Check(request, repository.Name);
        var revision = request.Value("rev");
        var wanted = new CreateCommitRequest
        {
            Name = repository.Name,
            Kind = request.Kind,
            Branch = revision.StartsWith(BranchPrefix, StringComparison.Ordinal) ? revision[BranchPrefix.Length..] : revision,
            CreatePullRequest = request.QueryFlag("create_pr"),
        };
        await new CommitReader(wanted).ReadAsync(request.Http);
        var commit = await CommitAsync(wanted, request.Cancel);
        var answer = new JsonObject
        {
            ["success"] = true,
            ["commitOid"] = commit.Id,
            ["commitUrl"] = $"{request.PageOf(repository.Name)}/commit/{commit.Id}",
            ["hookOutput"] = "",
        };
        if (commit.PullRequest > 0)
        {
            answer["pullRequestUrl"] = $"{request.PageOf(repository.Name)}/discussions/{commit.PullRequest}";
        }

        await request.Http.WriteJsonAsync(answer);
    }

    private async Task<Commit> CommitAsync(CreateCommitRequest wanted, CancellationToken cancellationToken)
    {
        try
        {
            return await garden.Catalog.CreateCommitAsync(wanted, cancellationToken: cancellationToken);
        }
        catch (ErrorException exception) when (exception.Error.Reason is "PATH_NOT_FOUND" && wanted.Operations.Any(operation => operation.DeletePath is not null))
        {
            throw new ErrorException(Error.NotFound("PATH_NOT_FOUND", $"{NothingToDelete}: {exception.Error.Message}"), exception);
        }
    }

    private async Task ValidateCardAsync(HubRequest request)
    {
        var body = await request.Http.ReadJsonAsync();
        var kind = Kinds.FromBody(body.OptionalText("repoType")).OrThrow();
        var checkedCard = await garden.Catalog.CheckCardAsync(new() { Content = body.OptionalText("content") ?? "", Kind = kind }, cancellationToken: request.Cancel);
        var errors = Messages(checkedCard, "error");
        var answer = new JsonObject { ["errors"] = errors, ["warnings"] = Messages(checkedCard, "warning") };
        await request.Http.WriteJsonAsync(answer, errors.Count > 0 ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK);
    }

    private static JsonArray Messages(CheckCardResponse card, string severity) =>
        [.. card.Issues.Where(issue => issue.Severity == severity).Select(issue => new JsonObject { ["message"] = Message(issue) })];

    private static string Message(CardIssue issue)
    {
        var where = issue.Line > 0 ? $"line {issue.Line}: " : "";
        return issue.Field.Length > 0 ? $"{where}{issue.Field}: {issue.Message}" : where + issue.Message;
    }
}
