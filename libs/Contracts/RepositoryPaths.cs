namespace ModelGarden.Contracts.V1;

/// <summary>Where repositories have their pages, below the garden's address, and their files under these: as the Hugging Face protocol has it.</summary>
public static class RepositoryPaths
{
    /// <summary>What stands before a repository's name.</summary>
    public static string PrefixOf(RepositoryKind kind) => kind switch
    {
        RepositoryKind.Dataset => "datasets/",
        RepositoryKind.App => "spaces/",
        _ => "",
    };

    /// <summary>Kind and name of what is written so, such as <c>datasets/acme/texts</c>; without a kind's word in front it is a model's.</summary>
    public static (RepositoryKind Kind, string Name) Split(string text)
    {
        foreach (var kind in new[] { RepositoryKind.Dataset, RepositoryKind.App })
        {
            if (text.StartsWith(PrefixOf(kind), StringComparison.OrdinalIgnoreCase) && text.Count(c => c is '/') > 1)
            {
                return (kind, text[PrefixOf(kind).Length..]);
            }
        }

        return (RepositoryKind.Model, text);
    }

    /// <summary>A repository's page, such as <c>/datasets/acme/texts</c>.</summary>
    public static string PageOf(RepositoryKind kind, string name) => $"/{PrefixOf(kind)}{name}";
}
