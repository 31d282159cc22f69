using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Reading;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Families;

/// <summary>Reads out of published revisions in which forms models are there.</summary>
internal sealed class VariationReading(FileReading reading)
{
    private const int MaximumQuantizations = 20;
    private const int MaximumPublications = 20;
    private const int MaximumPaths = 1000;

    /// <summary>The variations of a model and of what was quantised from it, as far as the caller may see.</summary>
    public async Task<ListVariationsResponse> ListAsync(CatalogDbContext context, SeenRepository repository, Caller caller, CancellationToken cancellationToken)
    {
        var children = await new FamilyWalk(context, caller, [FamilyRelation.Quantized]).WalkAsync(repository, isUpwards: false, depth: 1, cancellationToken);
        var response = new ListVariationsResponse { Truncated = children.Count > MaximumQuantizations };
        foreach (var one in children.Take(MaximumQuantizations).Select(child => child.Repository!).Prepend(repository))
        {
            var publications = await PublicationsAsync(context, one, cancellationToken);
            response.Truncated |= publications.Count > MaximumPublications;
            response.Variations.AddRange(await ReadAsync(context, one, publications.TakeLast(MaximumPublications), cancellationToken));
        }

        return response;
    }

    private async Task<IEnumerable<Variation>> ReadAsync(CatalogDbContext context, SeenRepository repository, IEnumerable<Publication> publications, CancellationToken cancellationToken)
    {
        var (variations, last) = (new Dictionary<VariationKey, Variation>(), new Dictionary<VariationKey, WeightSet>());
        var known = await FileKnowledge.OfAllAsync(context, repository.Row, cancellationToken);
        foreach (var publication in publications)
        {
            var root = (await reading.OpenAsync(context, repository, publication.Revision, cancellationToken)).OrThrow();
            var files = new List<(MeasuredFile, string)>();
            await foreach (var (path, file) in root.Trees.FilesAsync(root.Tree, cancellationToken))
            {
                files.Add((known.Of(path, file), file.Oid.Hex));
            }

            foreach (var set in WeightSet.Of(files).Where(set => !last.TryGetValue(set.Key, out var before) || !set.HasFilesOf(before)))
            {
                last[set.Key] = set;
                Add(variations, repository, set).Versions.Insert(0, Describe(publication, set));
            }
        }

        return variations.Values.OrderBy(one => one.Framework, StringComparer.Ordinal).ThenBy(one => one.Versions[0].Parameters).ThenBy(one => one.Precision, StringComparer.Ordinal);
    }

    private static Variation Add(Dictionary<VariationKey, Variation> variations, SeenRepository repository, WeightSet set)
    {
        if (!variations.TryGetValue(set.Key, out var variation))
        {
            variation = variations[set.Key] = new() { Repository = repository.Row.Name, Framework = set.Key.Framework, Size = set.Key.Size, Precision = set.Key.Precision };
        }

        return variation;
    }

    private static VariationVersion Describe(Publication publication, WeightSet set) => new()
    {
        Number = publication.Number,
        Revision = publication.Revision,
        PublishedAt = Timestamp.FromDateTimeOffset(publication.At),
        Parameters = set.Parameters,
        Bytes = set.Bytes,
        Paths = { set.Files.Select(one => one.File.Path).Take(MaximumPaths) },
    };

    /// <summary>The revisions that were published, in the order in which they first were: the history of steps has it, whatever was published again since.</summary>
    private static async Task<List<Publication>> PublicationsAsync(CatalogDbContext context, SeenRepository repository, CancellationToken cancellationToken)
    {
        var id = repository.Id;
        var steps = await context.LifecycleSteps.Where(step => step.RepositoryId == id && step.Action == LifecycleAction.Publish).OrderBy(step => step.Id)
            .Select(step => new { step.Revision, step.At }).ToListAsync(cancellationToken);
        return [.. steps.DistinctBy(step => step.Revision).Select((step, i) => new Publication(i + 1, step.Revision, step.At))];
    }

    private sealed record Publication(int Number, string Revision, DateTimeOffset At);
}
