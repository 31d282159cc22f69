namespace ModelGarden.Cli.Garden;

/// <summary>A model of some garden by its whole address, such as <c>https://garden.example.com/acme/llama@v1</c>.</summary>
internal readonly record struct ModelAddress(GardenAddress Garden, ModelReference Model)
{
    public static Result<ModelAddress> Create(string text)
    {
        var model = text.Split("://", 2) is [_, var rest] ? rest.Split('/') is [_, .., var owner, var name] ? $"{owner}/{name}" : "" : "";
        var reference = ModelReference.Create(model);
        if (reference.Error is { } error)
        {
            return Error.Invalid("BAD_ADDRESS", $"'{Text.Shorten(text)}' is no model's address: one such as https://garden.example.com/acme/llama is expected ({error.Message})");
        }

        var garden = GardenAddress.Create(text[..^(model.Length + 1)]);
        return garden.Error is { } bad ? bad : new ModelAddress(garden.Value, reference.Value);
    }

    /// <summary>Without a revision.</summary>
    public string Page => $"{Garden}/{Model.Name}";
}
