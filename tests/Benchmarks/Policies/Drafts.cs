using System.Globalization;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Benchmarks.Policies;

/// <summary>Made-up policies and models.</summary>
internal static class Drafts
{
    private static readonly string[] Formats = ["safetensors", "gguf", "torch", "onnx"];

    /// <summary>Denials of all kinds, of which the last few meet something: most are looked at in vain, as in a grown policy.</summary>
    public static string Rules(int count) => "rules:\n" + string.Concat(Enumerable.Range(0, count).Select(i => string.Create(
        CultureInfo.InvariantCulture,
        $"  - {{id: r{i}, effect: deny, when: {{{(i < count - 2 ? $"publisher: nobody{i}-*, license: l-{i}" : i == count - 2 ? "format: torch" : "larger_than: 90 GB")}}}}}\n")));

    public static Resource Model(int i) => new()
    {
        Repository = string.Create(CultureInfo.InvariantCulture, $"maker{i % 100}/model-{i}"),
        Kind = RepositoryKind.Model,
        Licenses = { "mit" },
        Facts = new() { Source = SourceKind.Mirrored, Origin = "https://hub.example.com/a/b", Rating = ContentRating.Unrated, Task = "text-generation", Formats = { Formats[i % 4] }, Verdict = Verdict.Clean, Size = i * 5_000_000L },
    };
}
