using ModelGarden.Contracts.V1;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines;

/// <summary>Counts values, whatever their case, each shown in the spelling that comes first.</summary>
internal sealed class FacetCount
{
    private readonly Dictionary<string, (string Spelling, long Count)> _counts = new(StringComparer.OrdinalIgnoreCase);

    public void Add(IReadOnlyList<string> values)
    {
        foreach (var value in values)
        {
            var (spelling, count) = _counts.GetValueOrDefault(value, (value, 0));
            _counts[value] = (string.CompareOrdinal(value, spelling) < 0 ? value : spelling, count + 1);
        }
    }

    public Facet ToFacet(string name) => new()
    {
        Name = name,
        Values =
        {
            _counts.Values.OrderByDescending(value => value.Count).ThenBy(value => value.Spelling, StringComparer.Ordinal)
                .Take(QueryReader.MostFacetValues).Select(value => new FacetValue { Value = value.Spelling, Count = value.Count }),
        },
    };
}
