using ModelGarden.Contracts.V1;

namespace ModelGarden.Hub.Remembering;

/// <summary>What Catalog said of a file, with what was learnt about it since.</summary>
/// <param name="Entry">The file as it is called there.</param>
/// <param name="Resource">What is decided on: the repository, the commit that the revision stood for, its licences and its gate.</param>
internal sealed record FileAnswer(TreeEntry Entry, Resource Resource)
{
    /// <summary>The commit that the revision stood for.</summary>
    public string Commit => Resource.Revision;

    /// <summary>Never changes.</summary>
    public string RepositoryId => Resource.RepositoryId;

    /// <summary>As it is called.</summary>
    public string Repository => Resource.Repository;

    /// <summary>The checkpoint that the file was converted from; null: it is in the revision itself.</summary>
    public string? Source { get; init; }

    /// <summary>Where a large file's bytes are, signed; null: not signed yet.</summary>
    public SignedLink? Link { get; set; }
}

/// <summary>An address of a file's bytes that needs no token.</summary>
/// <param name="Url">Relative to where the garden is reached.</param>
/// <param name="XetHash">Empty: the file has none.</param>
/// <param name="Until">Not given to anybody after that: what a client gets is good for long enough.</param>
internal sealed record SignedLink(string Url, string XetHash, DateTimeOffset Until);
