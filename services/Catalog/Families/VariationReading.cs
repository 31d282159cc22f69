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
    private const int NormalPage = 10;
    private const int MaximumPage = 20;
    private const int MaximumPublications = 20;
    private const int MaximumVariations = 100;
    private const int MaximumPaths = 1000;
    private const int MaximumPathsOfAll = 5000;

    // Of one repository's publications together, and of a page's repositories before the last one.
    private const int MaximumFiles = 200_000;
    private const int PageBytes = 4 << 20;

    /// <summary>The variations of a model and of what was quantised from it, as far as the caller may see.</summary>
    public async Task<Result<ListVariationsResponse>> ListAsync(CatalogDbContext context, SeenRepository repository, ListVariationsRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var (size, after) = (PageToken.Size(request.PageSize, NormalPage, MaximumPage), PageToken.ReadPlace(request.PageToken));
        if ((size.Error ?? after.Error) is { } error)
        {
            return error;
        }

        var walk = new FamilyWalk(context, caller, [FamilyRelation.Quantized]);
        var quantizations = await walk.WalkAsync(repository, isUpwards: false, depth: 1, cancellationToken);
        var rest = quantizations.Select(child => (Generation: child.Generation, Repository: child.Repository!)).Prepend((Generation: 0, Repository: repository))
            .Where(one => after.Value.Id.Length is 0 || one.Generation > after.Value.Number
                || (one.Generation == after.Value.Number && StringComparer.OrdinalIgnoreCase.Compare(one.Repository.Row.Name, after.Value.Id) > 0)).ToList();
        var (response, files, taken) = (new ListVariationsResponse { Truncated = walk.IsTruncated }, 0, 0);
        while (taken < Math.Min(rest.Count, size.Value) && files < MaximumFiles && response.CalculateSize() < PageBytes)
        {
            var found = await ReadAsync(context, rest[taken++].Repository, cancellationToken);
            response.Variations.AddRange(found.Variations);
            response.Truncated |= found.IsTruncated;
            files += found.Files;
        }

        response.NextPageToken = taken < rest.Count ? PageToken.Write(rest[taken - 1].Generation, rest[taken - 1].Repository.Row.Name) : "";
        return response;
    }

    private async Task<Found> ReadAsync(CatalogDbContext context, SeenRepository repository, CancellationToken cancellationToken)
    {
        var all = await PublicationsAsync(context, repository, cancellationToken);
        var known = await FileKnowledge.OfAllAsync(context, repository.Row, cancellationToken);
        var (read, files) = (new Stack<(Publication Publication, List<WeightSet> Sets)>(), 0);
        // The newest first, as many as can be looked at.
        foreach (var publication in all.AsEnumerable().Reverse().Take(MaximumPublications).TakeWhile(_ => files < MaximumFiles))
        {
            var held = await FilesAsync(context, repository, publication.Revision, known, cancellationToken);
            read.Push((publication, [.. WeightSet.Of(held)]));
            files += held.Count;
        }

        var variations = VersionsOf(repository, read);
        return new(Shortened(variations), files, read.Count < all.Count || variations.Count > MaximumVariations);
    }

    private async Task<List<(MeasuredFile, string)>> FilesAsync(CatalogDbContext context, SeenRepository repository, string revision, FileKnowledge known, CancellationToken cancellationToken)
    {
        var root = (await reading.OpenAsync(context, repository, revision, cancellationToken)).OrThrow();
        var files = new List<(MeasuredFile, string)>();
        await foreach (var (path, file) in root.Trees.FilesAsync(root.Tree, cancellationToken))
        {
            files.Add((known.Of(path, file), file.Oid.Hex));
        }

        return files;
    }

    /// <summary>What is new in each publication, in their order.</summary>
    private static List<Variation> VersionsOf(SeenRepository repository, IEnumerable<(Publication Publication, List<WeightSet> Sets)> publications)
    {
        var (variations, last) = (new Dictionary<VariationKey, Variation>(), new Dictionary<VariationKey, WeightSet>());
        foreach (var (publication, sets) in publications)
        {
            foreach (var set in sets.Where(set => !last.TryGetValue(set.Key, out var before) || !set.HasFilesOf(before)))
            {
                last[set.Key] = set;
                Add(variations, repository, set).Versions.Insert(0, Describe(publication, set));
            }
        }

        return [.. variations.Values.OrderBy(one => one.Framework, StringComparer.Ordinal).ThenBy(one => one.Versions[0].Parameters).ThenBy(one => one.Precision, StringComparer.Ordinal)];
    }

    /// <summary>As many as are told of a repository, with as many paths.</summary>
    private static List<Variation> Shortened(List<Variation> variations)
    {
        var shown = variations.Take(MaximumVariations).ToList();
        var left = MaximumPathsOfAll;
        foreach (var version in shown.SelectMany(variation => variation.Versions).OrderByDescending(version => version.Number))
        {
            while (version.Paths.Count > left)
            {
                version.Paths.RemoveAt(version.Paths.Count - 1);
            }

            left -= version.Paths.Count;
        }

        return shown;
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

    /// <param name="Variations">Of one repository.</param>
    /// <param name="Files">That were looked at for them.</param>
    /// <param name="IsTruncated">There is more of it.</param>
    private sealed record Found(List<Variation> Variations, int Files, bool IsTruncated);

    private sealed record Publication(int Number, string Revision, DateTimeOffset At);
}
