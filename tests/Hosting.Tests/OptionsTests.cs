using Microsoft.Extensions.Options;
using ModelGarden.Testing;

namespace ModelGarden.Hosting.Tests;

/// <summary>Each fault of the settings, by the message that says what to set.</summary>
public sealed class OptionsTests
{
    [Theory]
    [InlineData("Data", "", "Garden:Data is not set")]
    [InlineData("ServiceSecret", "short", "Garden:ServiceSecret is shorter than 32 characters")]
    [InlineData("PublicUrl", "garden.example.com", "Garden:PublicUrl is 'garden.example.com'")]
    [InlineData("Services:catalog:Grpc", "catalog:5001", "Garden:Services:catalog:Grpc: 'catalog:5001' is not an address")]
    [InlineData("Services:search:Http", "unix:relative", "Garden:Services:search:Http: 'unix:relative' is not an address")]
    [InlineData("Listen:Grpc", "nonsense", "Garden:Listen:Grpc: 'nonsense' is not an address")]
    public async Task Start_WithAWrongSetting_SaysWhatToSet(string key, string value, string expected)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(new() { [key] = value }));

        var failure = Assert.Single(exception.Failures);
        Assert.StartsWith(expected, failure, StringComparison.Ordinal);
        Assert.EndsWith($"(environment: Garden__{key.Replace(":", "__", StringComparison.Ordinal)})", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithManyFaults_SaysAllOfThem()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(new() { ["Data"] = "", ["ServiceSecret"] = "", ["PublicUrl"] = "x", ["Listen:Http"] = "x" }));

        Assert.Equal(4, exception.Failures.Count());
    }

    [Fact]
    public async Task Start_WithoutAnAddressToListenOn_Refuses()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(new() { ["Services:search:Grpc"] = "", ["Services:search:Http"] = "" }));

        Assert.StartsWith("Garden:Services:search:Grpc and :Http are not set", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithFaultsInTwoSetsOfOptions_SaysAllOfThem()
    {
        var exception = await Assert.ThrowsAsync<AggregateException>(() => StartAsync(new() { ["Data"] = "" }, new Probe().Search(builder =>
            Microsoft.Extensions.DependencyInjection.OptionsBuilderExtensions.ValidateOnStart(
                Microsoft.Extensions.DependencyInjection.OptionsServiceCollectionExtensions.AddOptions<Own>(builder.Services).Validate(_ => false, "Own:Thing is not set")))));

        Assert.True(StartFaults.IsExpected(exception));
        Assert.Equal(2, StartFaults.Lines(exception).Count());
        Assert.Contains("Own:Thing is not set", StartFaults.Lines(exception));
    }

    [Fact]
    public async Task Start_WithItsOwnAddressToListenOn_ListensThere()
    {
        await using var garden = await TestGarden.StartAsync(null, null, new Dictionary<string, string> { ["Listen:Http"] = "http://127.0.0.1:0" }, new Probe().Search());

        Assert.False(File.Exists(Path.Combine(garden.Data, "search.http.sock")));
        Assert.True(File.Exists(Path.Combine(garden.Data, "search.sock")));
    }

    [Fact]
    public async Task Stop_GivesRunningCallsHalfAMinute()
    {
        await using var garden = await TestGarden.StartAsync(new Probe().Search());
        var options = (IOptions<Microsoft.Extensions.Hosting.HostOptions>)garden.PartsOf(ServiceNames.Search).GetService(typeof(IOptions<Microsoft.Extensions.Hosting.HostOptions>))!;

        Assert.Equal(TimeSpan.FromSeconds(30), options.Value.ShutdownTimeout);
    }

    private static async Task StartAsync(Dictionary<string, string> settings, ServiceDefinition? service = null)
    {
        await using var garden = await TestGarden.StartAsync(null, null, settings, service ?? new Probe().Search());
    }

    private sealed class Own;
}
