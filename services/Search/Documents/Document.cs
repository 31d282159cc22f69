using ModelGarden.Contracts.V1;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Documents;

/// <summary>A repository as some see it, ready to be searched. Immutable.</summary>
internal sealed class Document
{
    private static readonly IReadOnlyList<string> None = [];
    private readonly Dictionary<Field, IReadOnlyList<string>> _values;

    public Document(Repository repository, bool forInsiders, Lifecycle lifecycle)
    {
        (Repository, ForInsiders, Lifecycle) = (repository, forInsiders, lifecycle);
        Owner = repository.Name.Split('/')[0];
        SortName = repository.Name.ToLowerInvariant();
        _values = DocumentFields.ValuesOf(repository, Owner);
        Weights = DocumentFields.WeightsOf(repository, Owner);
    }

    /// <summary>What a hit shows.</summary>
    public Repository Repository { get; }

    /// <summary>The owner's view; else the one for all others.</summary>
    public bool ForInsiders { get; }

    public Lifecycle Lifecycle { get; }

    public string Owner { get; }

    /// <summary>Each word with its weight, summed over where it stands.</summary>
    public IReadOnlyDictionary<string, float> Weights { get; }

    public long? Parameters => Repository.Record?.Measured is { HasParameters: true } measured ? measured.Parameters : null;

    private string SortName { get; }

    /// <summary>A repository has a document for insiders and, while it is offered to others, one for them: everyone sees exactly one of both, or none.</summary>
    public bool IsFor(Viewer viewer) => viewer.IsInsiderOf(Owner, Lifecycle) == ForInsiders;

    /// <summary>Without doubles of whatever case.</summary>
    public IReadOnlyList<string> ValuesOf(Field field) => _values.GetValueOrDefault(field, None);

    public Place PlaceIn(SortOrder sort, double score) => new(
        sort switch
        {
            SortOrder.Relevance => score,
            SortOrder.Downloads => Repository.Downloads,
            SortOrder.Likes => Repository.Likes,
            SortOrder.Trending => Repository.Trend,
            SortOrder.Updated => Repository.UpdatedAt?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? 0,
            SortOrder.Created => Repository.CreatedAt?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? 0,
            SortOrder.Parameters => Parameters ?? -1,
            SortOrder.Size => Repository.Record?.Measured?.Size ?? 0,
            _ => 0,
        },
        SortName,
        Repository.Id);
}
