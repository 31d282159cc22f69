namespace ModelGarden.Formats.Cards;

/// <summary>Reads <c>model-index</c>: models, their results, and of each result the metrics, flattened to one row a metric.</summary>
internal static class EvaluationReader
{
    public static IReadOnlyList<EvaluationResult> Read(CardFields card)
    {
        var rows = new List<EvaluationResult>();
        foreach (var model in card.Each("model-index"))
        {
            var name = model.Text("name");
            foreach (var result in model.Each("results"))
            {
                rows.AddRange(ReadResult(name, result));
            }
        }

        return rows;
    }

    private static IEnumerable<EvaluationResult> ReadResult(string? model, CardFields result)
    {
        var (task, dataset, source) = (result.Inside("task"), result.Inside("dataset"), result.Inside("source"));
        if (task is null || dataset is null)
        {
            result.Error(task is null ? "task" : "dataset", "is required");
            yield break;
        }

        if (task.RequiredText("type") is not { } taskType || dataset.RequiredText("type") is not { } datasetType || dataset.RequiredText("name") is not { } datasetName)
        {
            yield break;
        }

        foreach (var metric in result.Each("metrics"))
        {
            if (!metric.Has("value"))
            {
                metric.Error("value", "is required");
            }

            if (metric.RequiredText("type") is { } type)
            {
                yield return new()
                {
                    Model = model,
                    TaskType = taskType,
                    TaskName = task.Text("name"),
                    DatasetType = datasetType,
                    DatasetName = datasetName,
                    DatasetConfig = dataset.Text("config"),
                    DatasetSplit = dataset.Text("split"),
                    DatasetRevision = dataset.Text("revision"),
                    MetricType = type,
                    MetricName = metric.Text("name"),
                    MetricConfig = metric.Text("config"),
                    Value = metric.Json("value"),
                    Verified = metric.Flag("verified"),
                    SourceName = source?.Text("name"),
                    SourceUrl = source?.Text("url"),
                };
            }
        }
    }
}
