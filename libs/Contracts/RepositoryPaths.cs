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

    /// <summary>A repository's page, such as <c>/datasets/acme/texts</c>.</summary>
    public static string PageOf(RepositoryKind kind, string name) => $"/{PrefixOf(kind)}{name}";
}
