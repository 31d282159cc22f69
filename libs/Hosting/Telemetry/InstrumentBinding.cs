using System.Collections.Concurrent;

namespace ModelGarden.Hosting.Telemetry;

/// <summary>One instrument's way to its series: tags that were seen before are found without allocating.</summary>
internal sealed class InstrumentBinding(MetricFamily family, string? service)
{
    private const int MaximumKnown = 2000;
    private readonly ConcurrentDictionary<TagSet, MetricSeries> _known = new(TagSetComparer.Instance);
    private int _count;

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var lookup = _known.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
        if (lookup.TryGetValue(tags, out var series) || (series = Find(tags)) is not null)
        {
            series.Record(value);
        }
        else
        {
            family.Drop();
        }
    }

    private MetricSeries? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        // Tags in another order, or that read the same, are the same series.
        var series = family.Find(PrometheusNames.Labels(tags, service, family.Kind.Type));
        if (series is not null && Interlocked.Increment(ref _count) <= MaximumKnown)
        {
            _known.TryAdd(new([.. tags]), series);
        }

        return series;
    }
}

/// <summary>A measurement's tags, in the order given.</summary>
internal sealed record TagSet(KeyValuePair<string, object?>[] Tags);

internal sealed class TagSetComparer : IEqualityComparer<TagSet>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, TagSet>
{
    public static readonly TagSetComparer Instance = new();

    public bool Equals(TagSet? x, TagSet? y) => ReferenceEquals(x, y) || (x is not null && y is not null && Equals(x.Tags, y));

    public int GetHashCode(TagSet set) => GetHashCode(set.Tags);

    public TagSet Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => new([.. alternate]);

    public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, TagSet other)
    {
        if (alternate.Length != other.Tags.Length)
        {
            return false;
        }

        for (var i = 0; i < alternate.Length; i++)
        {
            if (alternate[i].Key != other.Tags[i].Key || !Equals(alternate[i].Value, other.Tags[i].Value))
            {
                return false;
            }
        }

        return true;
    }

    public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
    {
        var hash = default(HashCode);
        foreach (var (key, value) in alternate)
        {
            hash.Add(key);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }
}
