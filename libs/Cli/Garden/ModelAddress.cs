using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Garden;

/// <summary>A model of some garden by its whole address, such as <c>https://garden.example.com/acme/llama@v1</c>; of a data set <c>datasets/</c> stands before its name.</summary>
internal readonly record struct ModelAddress(GardenAddress Garden, ModelReference Model)
{
    public static Result<ModelAddress> Create(string text, Contracts.V1.RepositoryKind kind)
    {
        var name = text.Split("://", 2) is [_, var rest] ? rest.Split('/') is [_, .., var owner, var last] ? $"{owner}/{last}" : "" : "";
        var (reference, garden) = (ModelReference.Create(name), text[..^name.Length].TrimEnd('/'));
        if (reference.Error is { } error)
        {
            return Bad(text, kind, error.Message);
        }

        var prefix = RepositoryPaths.PrefixOf(Contracts.V1.RepositoryKind.Dataset).TrimEnd('/');
        var isDataset = garden.EndsWith($"/{prefix}", StringComparison.Ordinal);
        if (isDataset != kind is Contracts.V1.RepositoryKind.Dataset)
        {
            return Bad(text, kind, isDataset ? "it is a data set's: garden datasets import takes those" : "a data set's has datasets/ before its name");
        }

        var address = GardenAddress.Create(isDataset ? garden[..^(prefix.Length + 1)] : garden);
        return address.Error is { } bad ? bad : new ModelAddress(address.Value, reference.Value with { Kind = kind });
    }

    /// <summary>Without a revision.</summary>
    public string Page => $"{Garden}/{Model.Page}";

    private static Error Bad(string text, Contracts.V1.RepositoryKind kind, string why) => Error.Invalid(
        "BAD_ADDRESS",
        kind is Contracts.V1.RepositoryKind.Dataset
            ? $"'{Text.Shorten(text)}' is no data set's address: one such as https://garden.example.com/datasets/acme/texts is expected ({why})"
            : $"'{Text.Shorten(text)}' is no model's address: one such as https://garden.example.com/acme/llama is expected ({why})");
}
