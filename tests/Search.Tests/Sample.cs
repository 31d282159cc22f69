using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Search.Tests;

/// <summary>Repositories as Catalog's feed has them.</summary>
internal static class Sample
{
    public static Repository Published(string name, System.Action<DeclaredFacts>? declare = null, System.Action<Repository>? change = null)
    {
        var declared = new DeclaredFacts { Title = "a title", Task = "text-generation", Library = "transformers", Licenses = { "apache-2.0" } };
        declare?.Invoke(declared);
        var record = new ModelRecord { Revision = $"revision-of-{name}", Declared = declared, Measured = new() { Parameters = 1000, Formats = { "safetensors" } } };
        var repository = new Repository
        {
            Id = $"id-of-{name.ToLowerInvariant()}",
            Name = name,
            Kind = RepositoryKind.Model,
            Visibility = Visibility.Garden,
            Lifecycle = Lifecycle.Published,
            Head = record.Revision,
            PublishedRevisions = { record.Revision },
            CreatedAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch),
            UpdatedAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch),
            Record = record,
            PublishedRecord = record.Clone(),
        };
        change?.Invoke(repository);
        return repository;
    }

    public static Repository Draft(string name, System.Action<DeclaredFacts>? declare = null)
    {
        var repository = Published(name, declare);
        repository.Lifecycle = Lifecycle.Draft;
        repository.PublishedRevisions.Clear();
        repository.PublishedRecord = null;
        return repository;
    }
}
