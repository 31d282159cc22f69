using Microsoft.Extensions.Options;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Origins;
using ModelGarden.Catalog.Reading;
using ModelGarden.Catalog.Repositories;

namespace ModelGarden.Catalog.Lifecycles;

/// <summary>Holds revisions against what is required of them before others may see them.</summary>
internal sealed class PublicationChecks(IOptions<CurationOptions> options, FileReading reading)
{
    /// <summary>What is required of a repository from there.</summary>
    public CurationRules RulesOf(StoredRepository repository) => options.Value.Of(repository.SourceKind);

    /// <summary>Every required check with what it finds now: files may have been examined since the revision's record was made.</summary>
    public async Task<Result<ListChecksResponse>> ListAsync(CatalogDbContext context, SeenRepository repository, string revision, CancellationToken cancellationToken)
    {
        var root = await reading.OpenAsync(context, repository, revision, cancellationToken);
        if (root.Error is { } missing)
        {
            return missing;
        }

        var rules = RulesOf(repository.Row);
        var looked = await LookAsync(context, repository.Row, root.Value, cancellationToken);
        if (looked.Error is { } tooMuch)
        {
            return tooMuch;
        }

        var checks = rules.Required.Select(check => Run(check, looked.Value)).ToList();
        return new ListChecksResponse
        {
            Commit = root.Value.Commit,
            SourceKind = repository.Row.SourceKind,
            Checks = { checks },
            Passed = checks.TrueForAll(check => check.Passed),
            RequiredApprovals = rules.Approvals,
        };
    }

    /// <summary>Why a revision may not be seen by others; null: it may.</summary>
    public async Task<Error?> FaultAsync(CatalogDbContext context, StoredRepository repository, string revision, CancellationToken cancellationToken)
    {
        var looked = await ListAsync(context, SeenRepository.ForFeed(repository), revision, cancellationToken);
        if (looked.Error is { } error)
        {
            return error;
        }

        var listed = looked.Value;
        var failed = listed.Checks.Where(check => !check.Passed).Select(check => $"{check.Name}: {string.Join(", ", check.Problems)}");
        return listed.Passed ? null : Error.Conflict("CHECKS_FAILED", $"{revision} cannot be published yet: {string.Join("; ", failed)}");
    }

    private static Contracts.V1.PublicationCheck Run(PublicationCheck check, CheckedRevision revision)
    {
        var problems = check.Problems(revision).ToList();
        return new() { Name = check.Name, Description = check.Description, Passed = problems.Count is 0, Problems = { problems } };
    }

    private static async Task<Result<CheckedRevision>> LookAsync(CatalogDbContext context, StoredRepository repository, FileReading.Root root, CancellationToken cancellationToken)
    {
        var files = await RecordKeeper.MeasureAsync(context, root.Trees, repository, root.Tree, cancellationToken);
        var texts = await RecordKeeper.ReadTextsAsync(context, root.Trees, repository.Id, root.Tree, cancellationToken);
        var origin = await OriginReading.BehindAsync(context, repository, root.Commit, cancellationToken);
        if (origin.Error is { Code: not ErrorCode.NotFound } error)
        {
            return error;
        }

        return new CheckedRevision(repository, origin.Error is null ? origin.Value : null, texts.Card, RecordKeeper.Describe(repository, root.Commit, texts, files), files);
    }
}
