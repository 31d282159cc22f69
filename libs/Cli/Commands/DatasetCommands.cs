using System.CommandLine;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden datasets …</c>: what there is of data sets here; everything else of them is reached by the Hub's clients.</summary>
internal static class DatasetCommands
{
    public static Command Build(App app) => new("datasets", "Take data sets in that were made elsewhere, and see where they are from")
    {
        ImportCommand.Build(app, KindWords.Dataset),
        OriginCommand.Build(app, KindWords.Dataset),
    };
}

/// <summary>How a command speaks of what it is about.</summary>
/// <param name="Kind">As the garden is asked; unspecified: a model.</param>
/// <param name="Noun">For people.</param>
/// <param name="Address">Of one that might be.</param>
internal sealed record KindWords(Contracts.V1.RepositoryKind Kind, string Noun, string Address)
{
    public static KindWords Model { get; } = new(Contracts.V1.RepositoryKind.Unspecified, "model", "https://garden.example.com/acme/llama");

    public static KindWords Dataset { get; } = new(Contracts.V1.RepositoryKind.Dataset, "data set", "https://garden.example.com/datasets/acme/texts");
}
