using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Families;

/// <summary>Lists families. Each page walks anew and is cut out: what comes or goes meanwhile shifts nothing that was shown.</summary>
internal static class FamilyReading
{
    private const int NormalPage = 50;
    private const int MaximumPage = 100;
    private const int MaximumDepth = 10;

    public static async Task<Result<ListFamilyResponse>> ListAsync(
        CatalogDbContext context, SeenRepository repository, ListFamilyRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var (size, after) = (PageToken.Size(request.PageSize, NormalPage, MaximumPage), PageToken.ReadPlace(request.PageToken));
        if ((size.Error ?? after.Error ?? Fault(request)) is { } error)
        {
            return error;
        }

        var walk = new FamilyWalk(context, caller, [.. request.Relations.Distinct()]);
        var relatives = await walk.WalkAsync(repository, request.Direction is FamilyDirection.Ancestors, Math.Max(1, request.Depth), cancellationToken);
        var rest = relatives.Where(one => IsBehind(one, after.Value)).ToList();
        var page = rest.Take(size.Value).ToList();
        var records = await ShortRecords.OfAsync(context, [.. page.Select(one => one.Repository).OfType<SeenRepository>()], cancellationToken);
        return new ListFamilyResponse
        {
            Members = { page.Select(one => Describe(one, records)) },
            NextPageToken = rest.Count > page.Count ? PageToken.Write(page[^1].Generation, page[^1].Name) : "",
            Total = relatives.Count,
            Truncated = walk.IsTruncated,
            Children = { await FamilyWalk.CountChildrenAsync(context, repository, caller, cancellationToken) },
        };
    }

    private static bool IsBehind(Relative one, Place last) =>
        one.Generation > last.Number || (one.Generation == last.Number && StringComparer.OrdinalIgnoreCase.Compare(one.Name, last.Id) > 0);

    private static FamilyMember Describe(Relative relative, Dictionary<string, ModelRecord> records)
    {
        var described = relative.Repository?.Describe(records.GetValueOrDefault(relative.Repository.Id));
        described?.PublishedRevisions.Clear();
        return new()
        {
            Name = relative.Name,
            Repository = described,
            Generation = relative.Generation,
            Of = relative.Of,
            Relation = relative.Tie.Relation,
            Declared = relative.Tie.IsDeclared,
            Measured = relative.Tie.IsMeasured,
            RelationDeclared = relative.Tie.IsRelationDeclared,
        };
    }

    private static Error? Fault(ListFamilyRequest request) => request switch
    {
        { Depth: < 0 or > MaximumDepth } => Error.Invalid("BAD_DEPTH", $"depth is {request.Depth}: 1 to {MaximumDepth} is expected, or 0 for 1"),
        _ when !Enum.IsDefined(request.Direction) => Error.Invalid("BAD_VALUE", $"there is no direction {request.Direction:d}"),
        _ when request.Relations.FirstOrDefault(relation => relation is FamilyRelation.Unspecified || !Enum.IsDefined(relation), (FamilyRelation)(-1)) is var unknown && (int)unknown != -1 =>
            Error.Invalid("BAD_VALUE", $"relations: {unknown:d} is none of FINETUNE, ADAPTER, QUANTIZED and MERGE"),
        _ => null,
    };
}
