using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Hub.Routing;

/// <summary>The protocol's three ways to write a kind of repository: <c>models</c> in the API, a prefix in file URLs, <c>model</c> in bodies.</summary>
internal static class Kinds
{
    public static RepositoryKind? FromApi(string segment) => segment switch
    {
        "models" => RepositoryKind.Model,
        "datasets" => RepositoryKind.Dataset,
        "spaces" => RepositoryKind.App,
        _ => null,
    };

    public static string ToApi(RepositoryKind kind) => $"{ToBody(kind)}s";

    /// <summary>Absent means a model.</summary>
    public static Result<RepositoryKind> FromBody(string? type) => type switch
    {
        null or "" or "model" => RepositoryKind.Model,
        "dataset" => RepositoryKind.Dataset,
        "space" => RepositoryKind.App,
        _ => Error.Invalid("BAD_TYPE", $"repository type '{Text.Shorten(type)}' is not served here: use model, dataset or space"),
    };

    public static string ToBody(RepositoryKind kind) => kind switch
    {
        RepositoryKind.Dataset => "dataset",
        RepositoryKind.App => "space",
        _ => "model",
    };
}
