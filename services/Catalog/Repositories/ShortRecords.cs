namespace ModelGarden.Catalog.Repositories;

/// <summary>As much of what describes repositories as lists of many of them show: title, task, library, licences, verdict, parameters, the tag that rates them and, of apps, the card.</summary>
internal static class ShortRecords
{
    // In bytes: all items of the largest collection, and of the longest page of a list, still fit into one message.
    private const int MaximumRecord = 32 << 10;
    private const int AtOnce = 50;

    /// <summary>By the repositories' ids. Read a few at a time: cards may have a megabyte each, of which next to nothing is shown.</summary>
    public static async Task<Dictionary<string, ModelRecord>> OfAsync(CatalogDbContext context, List<SeenRepository> seen, CancellationToken cancellationToken)
    {
        var records = new Dictionary<string, ModelRecord>();
        foreach (var part in seen.Chunk(AtOnce))
        {
            var found = await RepositoryDirectory.RecordsAsync(context, [.. part], cancellationToken);
            foreach (var repository in part)
            {
                if (found.TryGetValue((repository.Id, repository.Head), out var record) && Shortened(record, repository.Row.Kind) is { } shortened)
                {
                    records[repository.Id] = shortened;
                }
            }
        }

        return records;
    }

    private static ModelRecord? Shortened(ModelRecord record, RepositoryKind kind)
    {
        var (declared, measured) = (record.Declared ?? new(), record.Measured ?? new());
        var shortened = new ModelRecord
        {
            Revision = record.Revision,
            Declared = new()
            {
                Title = declared.Title,
                Task = declared.Task,
                Library = declared.Library,
                Licenses = { declared.Licenses },
                Tags = { declared.Tags.Where(ContentRatings.IsTag) },
                CardJson = kind is RepositoryKind.App ? declared.CardJson : "",
            },
            Measured = new() { Verdict = measured.Verdict },
        };
        if (measured.HasParameters)
        {
            shortened.Measured.Parameters = measured.Parameters;
        }

        return shortened.CalculateSize() <= MaximumRecord ? shortened : null;
    }
}
