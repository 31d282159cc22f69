using ModelGarden.Kernel;

namespace ModelGarden.Formats.Gguf;

/// <summary>What a GGUF's metadata says of the models that it was made of: <c>general.base_model.0.repo_url</c> and so on.</summary>
internal static class BaseModels
{
    private const string Prefix = "general.base_model.";
    private const string Suffix = ".repo_url";

    public static IReadOnlyList<string> Of(IEnumerable<GgufEntry> metadata) =>
    [
        .. metadata.Where(entry => entry.Key.StartsWith(Prefix, StringComparison.Ordinal) && entry.Key.EndsWith(Suffix, StringComparison.Ordinal))
            .Select(entry => NameIn(entry.Value)).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>The end of a repository's address is its name, whichever hub it is on.</summary>
    private static string? NameIn(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.AbsolutePath.Trim('/').Split('/') is [.., var owner, var name] && RepositoryName.Create($"{owner}/{name}") is { Error: null } found
            ? found.Value.Value
            : null;
}
