using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using ModelGarden.EndToEnd.Tests.Gardens;

namespace ModelGarden.EndToEnd.Tests;

/// <summary>How a garden starts, says what it cannot do, stops, and starts again.</summary>
public sealed class StartTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_Twice_LosesNothingAndLoadsNothingTwice()
    {
        await using var garden = new OneProcess(sample: true);
        await garden.StartAsync();
        await garden.Host.SaysAsync("garden/kjv-llama is published");
        var before = await garden.CallAsync(RunningGarden.AdminToken, "GET", "/garden/v1/repositories/garden/kjv-llama");
        Assert.Equal(0, await garden.Host.StopAsync());

        await garden.StartAsync();

        var after = await garden.CallAsync(RunningGarden.AdminToken, "GET", "/garden/v1/repositories/garden/kjv-llama");
        var commits = await garden.CallAsync(RunningGarden.AdminToken, "GET", "/garden/v1/repositories/garden/kjv-llama/commits");
        Assert.Equal(before.ToJsonString(), after.ToJsonString());
        Assert.Equal("1", (string?)commits["total"]);
        Assert.DoesNotContain("is published", garden.Host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_FirstTime_PrintsItsTokenOnceAndSaysWhatToTry()
    {
        await using var garden = new OneProcess();
        var settings = garden.Settings;
        settings.Remove("GARDEN_ADMIN_TOKEN");
        settings["GARDEN_ADMIN_TOKEN"] = "";

        await using var first = await StartedAsync(settings);
        var token = (await File.ReadAllTextAsync(Path.Combine(garden.Data, "admin-token"), Cancel)).Trim();
        Assert.Contains(token, first.Output, StringComparison.Ordinal);
        Assert.Contains("garden login", first.Output, StringComparison.Ordinal);
        Assert.Equal("operator", (string?)(await garden.CallAsync(token, "GET", "/garden/v1/whoami"))["roles"]![0]);
        await first.StopAsync();

        await using var second = await StartedAsync(settings);
        Assert.DoesNotContain(token, second.Output, StringComparison.Ordinal);
        Assert.Equal("operator", (string?)(await garden.CallAsync(token, "GET", "/garden/v1/whoami"))["roles"]![0]);
    }

    [Fact]
    public async Task Start_PortTaken_SaysSoInOneLine()
    {
        await using var garden = new OneProcess();
        using var other = new TcpListener(IPAddress.Loopback, garden.Port);
        other.Start();

        await using var host = Child.Start("AppHost/bin/*/net10.0/ModelGarden.AppHost.dll", garden.Settings);

        Assert.Equal(1, await host.ExitAsync());
        Assert.Matches($"^port {garden.Port} on 127.0.0.1 cannot be opened .*set GARDEN_PORT to another port$", host.Output);
    }

    [Theory]
    [InlineData("GARDEN_PORT", "eighty", "GARDEN_PORT is 'eighty': a port from 1 to 65535 is expected")]
    [InlineData("GARDEN_ADMIN_TOKEN", "short", "GARDEN_ADMIN_TOKEN has 5 characters")]
    [InlineData("GARDEN_BIND", "everywhere", "GARDEN_BIND is 'everywhere'")]
    [InlineData("GARDEN_DATA", "/proc/garden", "the data folder /proc/garden cannot be written")]
    public async Task Start_BadSetting_SaysSoInOneLine(string name, string value, string line)
    {
        await using var garden = new OneProcess();
        var settings = garden.Settings;
        settings[name] = value;

        await using var host = Child.Start("AppHost/bin/*/net10.0/ModelGarden.AppHost.dll", settings);

        Assert.Equal(1, await host.ExitAsync());
        Assert.StartsWith(line, Assert.Single(host.Output.Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_DataInUse_SaysSoInOneLine()
    {
        await using var garden = new OneProcess();
        await garden.StartAsync();
        await using var other = new OneProcess();
        var settings = other.Settings;
        settings["GARDEN_DATA"] = garden.Data;

        await using var host = Child.Start("AppHost/bin/*/net10.0/ModelGarden.AppHost.dll", settings);

        Assert.Equal(1, await host.ExitAsync());
        Assert.StartsWith($"another garden runs on {garden.Data}", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Running_StatusHealthAndApi_Answer()
    {
        await using var garden = new OneProcess();
        await garden.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(garden.Url) };

        var page = await client.GetStringAsync("/", Cancel);
        var api = JsonNode.Parse(await client.GetStringAsync("/garden/v1/openapi.json", Cancel));

        Assert.Equal("ready", await client.GetStringAsync("/healthz", Cancel));
        Assert.Contains("<td>catalog</td><td class=\"good\">ready</td>", page, StringComparison.Ordinal);
        Assert.NotNull(api!["paths"]!["/garden/v1/endpoints"]);
    }

    private static async Task<Child> StartedAsync(Dictionary<string, string> settings)
    {
        var host = Child.Start("AppHost/bin/*/net10.0/ModelGarden.AppHost.dll", settings);
        await host.SaysAsync("garden models search");
        return host;
    }
}
