namespace ModelGarden.Hosting.Telemetry;

/// <summary>The values of one set of labels. Safe for use by many threads.</summary>
internal sealed class MetricSeries(MetricKind kind, double[] bounds)
{
    private readonly Lock _gate = new();
    private readonly long[] _buckets = kind.Type is MetricType.Histogram ? new long[bounds.Length + 1] : [];
    private double _value;
    private bool _isKnown;

    public void Record(double value)
    {
        lock (_gate)
        {
            _value = kind.IsSum ? _value + value : value;
            _isKnown = true;
            if (_buckets.Length > 0)
            {
                _buckets[BucketOf(value)]++;
            }
        }
    }

    /// <summary>Before observers tell anew: a series that none of them names is gone.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            (_value, _isKnown) = (0, false);
        }
    }

    /// <summary>The value, or a histogram's sum and how many fell into each bucket, all of one moment; null: nothing to tell.</summary>
    public (double Value, long[] Buckets)? Read()
    {
        lock (_gate)
        {
            return _isKnown ? (_value, [.. _buckets]) : null;
        }
    }

    private int BucketOf(double value)
    {
        var index = Array.BinarySearch(bounds, value);
        // A bound belongs to its own bucket: "le" is less or equal. NaN sorts first, yet is in no finite bucket.
        return double.IsNaN(value) ? bounds.Length : index >= 0 ? index : ~index;
    }
}
