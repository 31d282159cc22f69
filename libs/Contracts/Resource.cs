namespace ModelGarden.Contracts.V1;

/// <summary>Made in one place out of what other services say, so that no question to Entitlement forgets a repository's gate.</summary>
public sealed partial class Resource
{
    /// <summary>A revision of a repository, as Catalog describes it.</summary>
    public static Resource Of(Repository repository, string revision, IEnumerable<string> licenses) => new()
    {
        Repository = repository.Name,
        RepositoryId = repository.Id,
        Kind = repository.Kind,
        Gate = repository.Gate,
        Revision = revision,
        Licenses = { licenses },
    };

    /// <inheritdoc cref="Of(Repository, string, IEnumerable{string})"/>
    public static Resource Of(ResolveRevisionResponse found) => Of(found.Repository, found.Commit, found.Record?.Declared?.Licenses ?? []);

    /// <inheritdoc cref="Of(Repository, string, IEnumerable{string})"/>
    public static Resource Of(GetEntriesResponse found) => Of(found.Repository, found.Commit, found.Record?.Declared?.Licenses ?? []);

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
    };
}
