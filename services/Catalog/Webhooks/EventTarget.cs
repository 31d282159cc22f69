using ModelGarden.Catalog.Repositories;

namespace ModelGarden.Catalog.Webhooks;

/// <summary>What events are watched by: a repository, whatever it is called, or all of a namespace.</summary>
internal static class EventTarget
{
    private const string Repository = "repository/";

    public static string OfRepository(string id) => Repository + id;

    /// <summary>The id of the repository; null: it is a namespace.</summary>
    public static string? RepositoryOf(string target) => target.StartsWith(Repository, StringComparison.Ordinal) ? target[Repository.Length..] : null;

    /// <param name="owner">In any case.</param>
    public static string OfNamespace(string owner) => $"namespace/{owner.ToLowerInvariant()}";

    /// <summary>All that something which happens to a repository may be watched by.</summary>
    public static string[] Of(StoredRepository repository) => [OfRepository(repository.Id), OfNamespace(repository.Owner)];
}

/// <summary>The kinds of events that a webhook is told of.</summary>
[Flags]
internal enum EventDomains
{
    None = 0,
    Repository = 1,
    Discussion = 2,
    All = Repository | Discussion,
}
