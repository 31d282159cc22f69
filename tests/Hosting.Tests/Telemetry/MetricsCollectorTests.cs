using System.Diagnostics.Metrics;
using ModelGarden.Hosting.Telemetry;

namespace ModelGarden.Hosting.Tests.Telemetry;

public sealed class MetricsCollectorTests : IDisposable
{
    private readonly MetricsCollector _collector = new();
    private readonly Meter _meter = new($"ModelGarden.Test.{Guid.NewGuid():n}");

    public void Dispose()
    {
        _meter.Dispose();
        _collector.Dispose();
    }

    [Fact]
    public void Counter_WithUnitAndDescription_IsNamedAsPrometheusDoes()
    {
        var counter = _meter.CreateCounter<long>("t.bytes-sent", "By", "What went out\nby \\path.");
        counter.Add(3);
        counter.Add(4);

        Assert.Equal(
            """
            # HELP t_bytes_sent_bytes_total What went out\nby \\path.
            # TYPE t_bytes_sent_bytes_total counter
            t_bytes_sent_bytes_total 7
            """,
            Lines("t_bytes_sent"));
    }

    [Theory]
    [InlineData("t.calls", "{call}", "t_calls_total")]
    [InlineData("t.calls_total", null, "t_calls_total")]
    [InlineData("t.time.total", "s", "t_time_seconds_total")]
    [InlineData("t.time_seconds", "s", "t_time_seconds_total")]
    [InlineData("t.speed", "By/s", "t_speed_bytes_per_second_total")]
    [InlineData("t.odd", "furlong/fortnight", "t_odd_furlong_fortnight_total")]
    [InlineData("t.share", "1", "t_share_total")]
    public void Counter_Name_EndsInUnitAndTotal(string name, string? unit, string expected)
    {
        _meter.CreateCounter<int>(name, unit).Add(1);

        Assert.Contains($"\n{expected} 1\n", _collector.Scrape(), StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_AreOrderedAndEscaped()
    {
        var counter = _meter.CreateCounter<long>("t.labels");
        counter.Add(1, new("b", "say \"hi\"\nC:\\"), new("a.b/c", 1.5), new("flag", true), new("empty", ""), new("none", null));
        counter.Add(1, new("flag", true), new("a.b/c", 1.5), new("b", "say \"hi\"\nC:\\"));

        Assert.Contains("\nt_labels_total{a_b_c=\"1.5\",b=\"say \\\"hi\\\"\\nC:\\\\\",flag=\"true\"} 2\n", _collector.Scrape(), StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_ThatBecomeOne_AreJoined()
    {
        _meter.CreateCounter<long>("t.joined").Add(1, new("a.b", "x"), new("a_b", "y"), new("9", "z"), new("__name__", "w"));

        Assert.Contains("\nt_joined_total{_9=\"z\",a_b=\"x;y\",x__name__=\"w\"} 1\n", _collector.Scrape(), StringComparison.Ordinal);
    }

    [Fact]
    public void Histogram_WithAdvice_CountsIntoItsBuckets()
    {
        var histogram = _meter.CreateHistogram("t.wait", "s", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var value in (double[])[0.05, 0.1, 0.5, 1, 7])
        {
            histogram.Record(value, new KeyValuePair<string, object?>("le", "own"));
        }

        Assert.EndsWith(
            """
            # TYPE t_wait_seconds histogram
            t_wait_seconds_bucket{le_="own",le="0.1"} 2
            t_wait_seconds_bucket{le_="own",le="1"} 4
            t_wait_seconds_bucket{le_="own",le="+Inf"} 5
            t_wait_seconds_sum{le_="own"} 8.65
            t_wait_seconds_count{le_="own"} 5
            """,
            Lines("t_wait"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s", "0.005")]
    [InlineData("By", "1024")]
    [InlineData("{token}", "0")]
    public void Histogram_WithoutAdvice_HasBucketsOfItsUnit(string unit, string first)
    {
        _meter.CreateHistogram<double>("t.default", unit).Record(5000);

        Assert.Matches($"t_default[a-z_]*_bucket\\{{le=\"{first.Replace(".", "\\.", StringComparison.Ordinal)}\"}} 0\n", _collector.Scrape());
    }

    [Fact]
    public void UpDownCounterAndGauge_TellWhereTheyStand()
    {
        var upDown = _meter.CreateUpDownCounter<long>("t.open");
        upDown.Add(5);
        upDown.Add(-2);
        var gauge = _meter.CreateGauge<double>("t.share", "1");
        gauge.Record(0.25);
        gauge.Record(0.75);

        var text = _collector.Scrape();

        Assert.Contains("# TYPE t_open gauge\nt_open 3\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE t_share_ratio gauge\nt_share_ratio 0.75\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Observables_AreAskedAtEachScrape_AndForgottenWhenTheyNameNothing()
    {
        List<Measurement<long>> measurements = [new(10, new KeyValuePair<string, object?>("of", "a")), new(20, new KeyValuePair<string, object?>("of", "b"))];
        _meter.CreateObservableCounter("t.seen", () => measurements);

        Assert.Contains("t_seen_total{of=\"a\"} 10\nt_seen_total{of=\"b\"} 20\n", _collector.Scrape(), StringComparison.Ordinal);

        measurements = [new(11, new KeyValuePair<string, object?>("of", "a"))];
        var text = _collector.Scrape();
        Assert.Contains("t_seen_total{of=\"a\"} 11\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("of=\"b\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Observable_ThatThrows_IsCounted_AndHidesNoOther()
    {
        _meter.CreateObservableGauge("t.broken", new Func<int>(() => throw new InvalidOperationException("on purpose")));
        _meter.CreateObservableGauge("t.sound", () => 1);

        var text = _collector.Scrape();

        Assert.Contains("\nt_sound 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\ngarden_metrics_failed_observations_total 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Series_BeyondTheLimit_AreDroppedAndCounted()
    {
        var counter = _meter.CreateCounter<long>("t.many");
        for (var i = 0; i < 1500; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("id", i));
        }

        counter.Add(1, new KeyValuePair<string, object?>("id", 0));
        var text = _collector.Scrape();

        Assert.Equal(1000, text.Split('\n').Count(line => line.StartsWith("t_many_total{", StringComparison.Ordinal)));
        Assert.Contains("\nt_many_total{id=\"0\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("\ngarden_metrics_dropped_total 500\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Instruments_OfOneNameAndTwoTypes_TheFirstIsKept()
    {
        _meter.CreateUpDownCounter<long>("t.clash").Add(1);
        _meter.CreateHistogram<long>("t.clash").Record(1);

        MetricsEndpointTests.AssertWellFormed(_collector.Scrape());
        Assert.Contains("# TYPE t_clash gauge\nt_clash 1\n", _collector.Scrape(), StringComparison.Ordinal);
    }

    [Fact]
    public void Meters_OfOthers_AreNotListenedTo()
    {
        using var other = new Meter("SomebodyElse");
        other.CreateCounter<long>("t.other").Add(1);

        Assert.DoesNotContain("t_other", _collector.Scrape(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Counter_UnderManyThreads_LosesNothing()
    {
        var counter = _meter.CreateCounter<long>("t.threads");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                counter.Add(1, new("half", i % 2), new("thread", thread % 2));
            }
        })));

        Assert.Equal(4, _collector.Scrape().Split('\n').Count(line => line.StartsWith("t_threads_total{", StringComparison.Ordinal) && line.EndsWith(" 20000", StringComparison.Ordinal)));
    }

    [Fact]
    public void Values_OfEveryKindOfNumber_AreWritten()
    {
        _meter.CreateCounter<byte>("t.byte").Add(1);
        _meter.CreateCounter<short>("t.short").Add(2);
        _meter.CreateCounter<float>("t.float").Add(0.5f);
        _meter.CreateCounter<decimal>("t.decimal").Add(1.25m);
        _meter.CreateGauge<double>("t.infinite").Record(double.PositiveInfinity);
        _meter.CreateGauge<double>("t.nan").Record(double.NaN);

        var text = _collector.Scrape();

        Assert.Contains("t_byte_total 1\n", text, StringComparison.Ordinal);
        Assert.Contains("t_short_total 2\n", text, StringComparison.Ordinal);
        Assert.Contains("t_float_total 0.5\n", text, StringComparison.Ordinal);
        Assert.Contains("t_decimal_total 1.25\n", text, StringComparison.Ordinal);
        Assert.Contains("t_infinite +Inf\n", text, StringComparison.Ordinal);
        Assert.Contains("t_nan NaN\n", text, StringComparison.Ordinal);
    }

    /// <summary>The lines of one metric.</summary>
    private string Lines(string name) => string.Join('\n', _collector.Scrape().Split('\n').Where(line => line.Contains(name, StringComparison.Ordinal)));
}
