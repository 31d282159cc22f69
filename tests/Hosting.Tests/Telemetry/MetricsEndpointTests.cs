using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Hosting.Tests.Telemetry;

public sealed partial class MetricsEndpointTests
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Metrics_WithoutAToken_AreWholeAndWellFormed()
    {
        await using var garden = await TestGarden.StartAsync(new Probe().Search());
        await new Search.SearchClient(garden.As(People.Engineer(), ServiceNames.Search)).QueryAsync(new(), cancellationToken: Cancel);
        using var http = garden.Http(ServiceNames.Search);

        using var response = await http.GetAsync("/metrics", Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        AssertWellFormed(text);
        Assert.Contains("# TYPE http_server_request_duration_seconds histogram\n", text, StringComparison.Ordinal);
        Assert.Matches("http_server_request_duration_seconds_count\\{.*garden_service=\"search\".*http_route=\"/modelgarden.v1.Search/Query\".*\\} [1-9]", text);
        Assert.Contains("# TYPE kestrel_active_connections gauge\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE dotnet_gc_collections_total counter\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE dotnet_process_memory_working_set_bytes gauge\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE http_client_request_duration_seconds histogram\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_OfTwoHostsInOneProcess_TellThemApart()
    {
        using var meter = new Meter("ModelGarden.Test.TwoHosts");
        var counter = meter.CreateCounter<long>("garden.test.two_hosts");
        await using var garden = await TestGarden.StartAsync(new Probe().Search(), new Probe().Deployment());
        counter.Add(1);
        using var search = garden.Http(ServiceNames.Search);
        using var deployment = garden.Http(ServiceNames.Deployment);
        await deployment.GetStringAsync("/healthz", Cancel);

        var text = await search.GetStringAsync("/metrics", Cancel);

        // One listener however many hosts: counted once, and visible through each of them.
        Assert.Contains("\ngarden_test_two_hosts_total 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\ngarden_test_two_hosts_total 1\n", await deployment.GetStringAsync("/metrics", Cancel), StringComparison.Ordinal);
        Assert.Matches("http_server_request_duration_seconds_count\\{.*garden_service=\"deployment\"", text);
    }

    [Fact]
    public async Task Metrics_WithAToken_AreForServicesAndOperatorsOnly()
    {
        await using var garden = await TestGarden.StartAsync(new Probe().Search());

        foreach (var (caller, expected) in new (Principal, HttpStatusCode)[]
        {
            (People.Anonymous, HttpStatusCode.NotFound),
            (People.Engineer(), HttpStatusCode.NotFound),
            (People.Curator, HttpStatusCode.NotFound),
            (People.Operator, HttpStatusCode.OK),
            (People.Service(ServiceNames.Gateway), HttpStatusCode.OK),
        })
        {
            using var http = garden.Http(ServiceNames.Search, caller);
            Assert.Equal(expected, (await http.GetAsync("/metrics", Cancel)).StatusCode);
        }
    }

    /// <summary>By the rules of the format: each name once, HELP and TYPE before its lines, no line twice, buckets that grow and end in +Inf.</summary>
    internal static void AssertWellFormed(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var (name, type, help) = ("", "", "");
        var lastBucket = ("", 0d);
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (HelpLine().Match(line) is { Success: true } helped)
            {
                help = helped.Groups[1].Value;
                Assert.True(seen.Add($"# {help}"), line);
            }
            else if (TypeLine().Match(line) is { Success: true } typed)
            {
                (name, type) = (typed.Groups[1].Value, typed.Groups[2].Value);
                Assert.Equal(help, name);
            }
            else
            {
                var sample = SampleLine().Match(line);
                Assert.True(sample.Success, line);
                Assert.True(seen.Add(line[..line.LastIndexOf(' ')]), line);
                var value = Value(sample.Groups[3].Value);
                var suffix = sample.Groups[1].Value[name.Length..];
                Assert.StartsWith(name, sample.Groups[1].Value, StringComparison.Ordinal);
                Assert.Contains(suffix, type is "histogram" ? ["_bucket", "_sum", "_count"] : (string[])[""]);
                if (suffix is "_bucket")
                {
                    var labels = line[..line.LastIndexOf("le=", StringComparison.Ordinal)];
                    Assert.True(lastBucket.Item1 != labels || value >= lastBucket.Item2, line);
                    lastBucket = (labels, value);
                }
                else if (suffix is "_count")
                {
                    Assert.Equal(lastBucket.Item2, value);
                }
            }
        }
    }

    private static double Value(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex(@"^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (?:[^\\]|\\[\\n])+$")]
    private static partial Regex HelpLine();

    [GeneratedRegex(@"^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\[\\"n])*"(?:,[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\[\\"n])*")*\})? ([-+0-9.eE]+|NaN|[-+]Inf)$""")]
    private static partial Regex SampleLine();
}
