using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using ModelGarden.EndToEnd.Tests.Gardens;
using ModelGarden.Testing;
using Npgsql;

namespace ModelGarden.EndToEnd.Tests;

/// <summary>How a garden starts, says what it cannot do, stops, and starts again.</summary>
public sealed class StartTests
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Start_Twice_LosesNothingAndLoadsNothingTwice()
    {
        await using var garden = new OneProcess(sample: true);
        await garden.StartAsync();
        await garden.Host.SaysAsync("garden/kjv-llama is published");
        var before = await garden.CallAsync(RunningGarden.AdminToken, "GET", "/garden/v1/repositories/garden/kjv-llama");
        Assert.Equal(0, await garden.Host.StopAsync());
        Assert.Matches("(?s)sample .*is published.*Try, in another shell:", garden.Host.Output);

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
        Assert.Contains($"garden login {garden.Url} --token \"$(cat {garden.Data}/admin-token)\"", first.Output, StringComparison.Ordinal);
        Assert.Equal("operator", (string?)(await garden.CallAsync(token, "GET", "/garden/v1/whoami"))["roles"]![0]);
        await first.StopAsync();

        await using var second = await StartedAsync(settings);
        Assert.DoesNotContain(token, second.Output, StringComparison.Ordinal);
        Assert.Equal("operator", (string?)(await garden.CallAsync(token, "GET", "/garden/v1/whoami"))["roles"]![0]);
    }

    [Fact]
    public async Task Start_WithATokenOfItsOperatorsOwn_TellsWhereThatIs()
    {
        await using var garden = new OneProcess();
        await garden.StartAsync();

        Assert.Contains($"garden login {garden.Url} --token \"$GARDEN_ADMIN_TOKEN\"", garden.Host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(RunningGarden.AdminToken, garden.Host.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(garden.Data, "admin-token")));
    }

    [Fact]
    public async Task Start_ThatTakesLong_SaysWhatItWaitsFor()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var garden = new OneProcess();
        var settings = garden.Settings;
        settings["GARDEN_DATABASE"] = database.ConnectionString;

        // As another replica does while it migrates.
        await using var migration = await source.OpenConnectionAsync(Cancel);
        await using var hold = new NpgsqlCommand("SELECT pg_advisory_lock(7302)", migration);
        await hold.ExecuteNonQueryAsync(Cancel);
        await using var host = Child.Start("AppHost/bin/*/net10.0/ModelGarden.AppHost.dll", settings);
        await host.SaysAsync("still starting: identity waits for ");
        await migration.CloseAsync();
        await source.DisposeAsync();

        await host.SaysAsync("garden models search");
    }

    [Fact]
    public async Task Start_OnAnIPv6Address_IsReachedThere()
    {
        await using var garden = new OneProcess();
        var settings = garden.Settings;
        settings["GARDEN_BIND"] = "::1";

        await using var host = Child.Start("AppHost/bin/*/net10.0/ModelGarden.AppHost.dll", settings);

        if (HasIPv6())
        {
            await host.SaysAsync($"garden login http://[::1]:{garden.Port} ");
            using var client = new HttpClient();
            Assert.Equal("ready", await client.GetStringAsync($"http://[::1]:{garden.Port}/healthz", Cancel));
        }
        else
        {
            Assert.Equal(1, await host.ExitAsync());
            Assert.StartsWith($"port {garden.Port} on ::1 cannot be opened", host.Output, StringComparison.Ordinal);
        }
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
    [InlineData("GARDEN_ADMIN_TOKEN", "a token of many words", "GARDEN_ADMIN_TOKEN has a space, or a character that is not ASCII")]
    [InlineData("GARDEN_ADMIN_TOKEN", "hf_garden_grün_und_lang", "GARDEN_ADMIN_TOKEN has a space, or a character that is not ASCII")]
    [InlineData("GARDEN_LOG", "Loud", "GARDEN_LOG is 'Loud': one of Trace, ")]
    [InlineData("GARDEN_SAMPLE", "no", "GARDEN_SAMPLE is 'no': true or false is expected")]
    [InlineData("GARDEN_DATABASE", "nonsense", "GARDEN_DATABASE is not a PostgreSQL connection string")]
    [InlineData("GARDEN_DATABASE", "Host=127.0.0.1;Port=1;Username=garden", "the database cannot be used: Failed to connect to 127.0.0.1:1: is it there, and is GARDEN_DATABASE right?")]
    [InlineData("Garden__Serving__WakeTimeoutSeconds", "soon", "Failed to convert configuration value 'soon' at 'Garden:Serving:WakeTimeoutSeconds'")]
    public async Task Start_BadSetting_SaysSoInOneLine(string name, string value, string line)
    {
        await using var garden = new OneProcess();
        var settings = garden.Settings;
        settings[name] = value;

        await using var host = Child.Start("AppHost/bin/*/net10.0/ModelGarden.AppHost.dll", settings);

        Assert.Equal(1, await host.ExitAsync());
        Assert.StartsWith(line, Assert.Single(host.Output.Split('\n'), said => said != "ModelGarden"), StringComparison.Ordinal);
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
    public async Task Start_LockThatCannotBeOpened_IsNotTakenForAnotherGarden()
    {
        await using var garden = new OneProcess();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(garden.Data, "garden.lock")));

        await using var host = Child.Start("AppHost/bin/*/net10.0/ModelGarden.AppHost.dll", garden.Settings);

        Assert.Equal(1, await host.ExitAsync());
        Assert.StartsWith($"the data folder {garden.Data} cannot be written", Assert.Single(host.Output.Split('\n')), StringComparison.Ordinal);
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

    private static bool HasIPv6()
    {
        try
        {
            using var probe = new TcpListener(IPAddress.IPv6Loopback, 0);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<Child> StartedAsync(Dictionary<string, string> settings)
    {
        var host = Child.Start("AppHost/bin/*/net10.0/ModelGarden.AppHost.dll", settings);
        await host.SaysAsync("garden models search");
        return host;
    }
}
