using ModelGarden.Contracts.V1;

namespace ModelGarden.Hub.Repositories;

/// <summary>The flat tags by which the protocol filters: what a card says and what the files are, in one list.</summary>
internal static class RepositoryTags
{
    private const string BaseModel = "base_model:";

    /// <param name="record">Of the revision that is described.</param>
    /// <param name="rating">As curators have rated it: where its card does not say so, they do.</param>
    public static IReadOnlyList<string> Of(ModelRecord? record, ContentRating rating)
    {
        var (declared, measured) = (record?.Declared ?? new(), record?.Measured ?? new());
        var relation = record?.BaseModelRelation is { Length: > 0 } told ? told : declared.BaseModelRelation;
        return
        [
            .. new[] { declared.Library }
                .Concat(measured.Formats.Where(format => format is "safetensors" or "gguf" or "onnx"))
                .Append(declared.Task)
                .Concat(declared.TaskCategories.Select(task => $"task_categories:{task}"))
                .Concat(declared.Languages)
                .Concat(declared.Tags)
                .Concat(declared.Datasets.Select(dataset => $"dataset:{dataset}"))
                .Concat(declared.BaseModels.Select(model => BaseModel + model))
                .Concat(declared.BaseModels.Where(_ => relation.Length > 0).Select(model => $"{BaseModel}{relation}:{model}"))
                .Concat(declared.Licenses.Select(license => $"license:{license}"))
                .Concat(rating >= ContentRating.Sensitive && !declared.Tags.Any(ContentRatings.IsTag) ? [ContentRatings.Tag] : [])
                .Where(tag => tag.Length > 0)
                .Distinct(StringComparer.Ordinal),
        ];
    }
}
