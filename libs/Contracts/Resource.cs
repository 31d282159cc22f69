namespace ModelGarden.Contracts.V1;

/// <summary>Made in one place out of what other services say, so that no question to Entitlement forgets a repository's gate.</summary>
public sealed partial class Resource
{
    /// <summary>A repository, for what is decided of it whatever the revision: who has access.</summary>
    public static Resource Of(Repository repository) => new()
    {
        Repository = repository.Name,
        RepositoryId = repository.Id,
        Kind = repository.Kind,
        Gate = repository.Gate,
    };

    /// <summary>What policies look at alone, of a resource that was made before.</summary>
    public static Resource Of(string repository, RepositoryKind kind, IEnumerable<string> licenses, ModelFacts? facts) => new() { Repository = repository, Kind = kind, Licenses = { licenses }, Facts = facts };

    /// <summary>A revision, as Catalog describes it.</summary>
    public static Resource Of(ResolveRevisionResponse found) => Of(found.Repository, found.Commit, found.Record);

    /// <inheritdoc cref="Of(ResolveRevisionResponse)"/>
    public static Resource Of(GetEntriesResponse found) => Of(found.Repository, found.Commit, found.Record);

    /// <inheritdoc cref="Of(ResolveRevisionResponse)"/>
    public static Resource Of(Repository repository, PackRevision found) => Of(repository, found.Commit, found.Licenses, found.Facts);

    /// <summary>What an endpoint runs, as Deployment describes it.</summary>
    public static Resource Of(Endpoint endpoint) => new()
    {
        Repository = endpoint.Repository,
        RepositoryId = endpoint.RepositoryId,
        Kind = RepositoryKind.Model,
        Gate = endpoint.Gate,
        Revision = endpoint.Revision,
        Licenses = { endpoint.Licenses },
        PinnedBy = endpoint.PinnedBy,
        Facts = endpoint.Facts,
        Endpoint = endpoint.Name,
    };

    private static Resource Of(Repository repository, string revision, ModelRecord? record) =>
        Of(repository, revision, record?.Declared?.Licenses ?? [], ModelFacts.Of(repository, record));

    private static Resource Of(Repository repository, string revision, IEnumerable<string> licenses, ModelFacts? facts)
    {
        var resource = Of(repository);
        resource.Revision = revision;
        resource.Licenses.Add(licenses);
        resource.Facts = facts;
        return resource;
    }
}
