using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Search.Tests.Ranking;

/// <summary>
/// Some two hundred models that everybody knows, as their publishers describe them, roughly, and of each what strangers make of it: quantised copies, fine-tunes that nobody asks for, and copies
/// under the same name. What people look for has to stand above all that.
/// </summary>
internal static class RankedCatalog
{
    private static readonly string[] Made = ["finetuned-support", "lora-test", "sft-v2"];

    public static IEnumerable<Repository> Read() => Lines("models.tsv").Select(Published).SelectMany(Family);

    /// <summary>The lines of a table beside this file that are not its heading, in their fields.</summary>
    public static IEnumerable<string[]> Lines(string table) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Ranking", table)).Where(line => !line.StartsWith('#')).Select(line => line.Split('\t'));

    private static Repository Published(string[] fields) => Sample.Published(
        fields[0],
        change: repository =>
        {
            repository.Record = new()
            {
                Revision = repository.Head,
                Declared = new()
                {
                    Title = fields[0].Split('/')[1], Task = fields[1], Library = fields[2], Licenses = { Given(fields[3]) }, BaseModels = { Given(fields[6]) },
                    Tags = { fields[7].Split(' ', StringSplitOptions.RemoveEmptyEntries) }, Summary = fields[8],
                },
                Measured = new(),
            };
            repository.PublishedRecord = repository.Record.Clone();
            repository.Downloads = long.Parse(fields[4], System.Globalization.CultureInfo.InvariantCulture);
            repository.CreatedAt = Timestamp.FromDateTime(DateTime.SpecifyKind(DateTime.ParseExact(fields[5], "yyyy-MM", System.Globalization.CultureInfo.InvariantCulture), DateTimeKind.Utc));
        });

    private static IEnumerable<Repository> Family(Repository model, int number)
    {
        yield return model;
        var name = model.Name.Split('/')[1];
        if (model.Record.Declared.Task is "text-generation" or "image-text-to-text")
        {
            yield return Derived(model, $"bartowski/{name}-GGUF", "gguf", 20);
            yield return Derived(model, $"mlx-community/{name}-4bit", "mlx", 50);
            yield return Derived(model, $"unsloth/{name}-bnb-4bit", "transformers", 30);
            yield return Derived(model, $"TheBloke/{name}-AWQ", "transformers", 60);
        }

        foreach (var (i, made) in Made.Index())
        {
            yield return Derived(model, $"research-{(number * 7) + i}/{name}-{made}", "transformers", 100_000);
            yield return Derived(model, $"copies-{(number * 5) + i}/{name}", "transformers", 1_000_000);
        }
    }

    private static Repository Derived(Repository model, string name, string library, long rarer)
    {
        var derived = Sample.Published(name);
        var declared = model.Record.Declared.Clone();
        (declared.Title, declared.Library, declared.Summary) = (name.Split('/')[1], library, $"This model is a version of {model.Name}.");
        declared.BaseModels.Clear();
        declared.BaseModels.Add(model.Name);
        derived.Record = new() { Revision = derived.Head, Declared = declared, Measured = new() };
        (derived.PublishedRecord, derived.Downloads, derived.CreatedAt) = (derived.Record.Clone(), 5 + (model.Downloads / rarer), model.CreatedAt);
        return derived;
    }

    private static string[] Given(string value) => value.Length > 0 ? [value] : [];
}
