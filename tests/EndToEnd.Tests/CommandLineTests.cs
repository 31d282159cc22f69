using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ModelGarden.EndToEnd.Tests.Gardens;
using ModelGarden.Testing;

namespace ModelGarden.EndToEnd.Tests;

/// <summary>The main job by hand: <c>garden</c>, the command line, against a real garden.</summary>
public sealed class CommandLineTests : IAsyncLifetime
{
    private readonly OneProcess _garden = new(sample: true);

    public async ValueTask InitializeAsync()
    {
        await _garden.StartAsync();
        await _garden.Host.SaysAsync("garden/kjv-llama is published");
    }

    public ValueTask DisposeAsync() => _garden.DisposeAsync();

    [Fact]
    public async Task Tour_FromLoginToUsage()
    {
        await SayAsync(RunningGarden.AdminToken, 0, "login", _garden.Url, "--token", RunningGarden.AdminToken);
        await SayAsync(RunningGarden.AdminToken, 0, "tenants", "create", "acme");
        var ann = await PersonAsync("ann", "engineer");
        var ada = await PersonAsync("ada", "admin");

        Assert.Contains("garden/kjv-llama", await SayAsync(ann, 0, "models", "search", "bible"), StringComparison.Ordinal);
        Assert.Contains("not accepted", await SayAsync(ann, 0, "models", "show", "garden/kjv-llama"), StringComparison.Ordinal);
        Assert.Contains("garden licenses accept apache-2.0", await SayAsync(ann, 1, "deploy", "garden/kjv-llama", "--name", "kjv"), StringComparison.Ordinal);
        Assert.Contains("garden licenses accept apache-2.0", await SayAsync(ann, 1, "models", "download", "garden/kjv-llama", "--to", Path.Combine(_garden.Data, "refused")), StringComparison.Ordinal);
        await AcceptAsync(ada);
        await DownloadAsync(ann);
        Assert.Contains("ready", await SayAsync(ann, 0, "deploy", "garden/kjv-llama", "--name", "kjv"), StringComparison.Ordinal);
        Assert.Matches(@"(?m)^kjv .*ready.*garden/kjv-llama", await SayAsync(ann, 0, "endpoints", "list"));
        Assert.Matches(@"(?m)^protocol +openai$", await SayAsync(ann, 0, "endpoints", "show", "kjv"));
        Assert.NotEmpty((await SayAsync(ann, 0, "chat", "kjv", "In the beginning", "--max-tokens", "8")).Trim());
        await UsageAsync(ann);
        Assert.Contains("ready on port", await SayAsync(ann, 0, "endpoints", "logs", "kjv"), StringComparison.Ordinal);
        Assert.Contains("acme", await SayAsync(ann, 0, "whoami"), StringComparison.Ordinal);
        await SayAsync(ann, 0, "endpoints", "delete", "kjv", "--yes");
        Assert.Contains("no endpoint 'kjv'", await SayAsync(ann, 1, "endpoints", "show", "kjv"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_AFolder_IsFoundByOthers()
    {
        var folder = Repo.PathOf("deploy/samples/digits");

        await SayAsync(RunningGarden.AdminToken, 0, "models", "publish", folder, "--name", "garden/figures", "--submit", "--approve");
        var again = await SayAsync(RunningGarden.AdminToken, 0, "models", "show", "garden/figures");

        Assert.Contains("published", again, StringComparison.Ordinal);
        Assert.Contains("digits.onnx", again, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Moderation_FromReportToDecision()
    {
        await SayAsync(RunningGarden.AdminToken, 0, "tenants", "create", "acme");
        var ann = await PersonAsync("ann", "engineer");

        Assert.DoesNotContain("nothing was added", await ReportAsync(ann), StringComparison.Ordinal);
        Assert.Contains("nothing was added", await ReportAsync(ann), StringComparison.Ordinal);
        Assert.Contains("(ROLE_MISSING)", await SayAsync(ann, 1, "reports", "list"), StringComparison.Ordinal);
        Assert.Matches("(?m)^garden/kjv-llama +model +1 +1 .*unsafe 1$", await SayAsync(RunningGarden.AdminToken, 0, "reports", "repositories"));
        var queue = await SayAsync(RunningGarden.AdminToken, 0, "reports", "list");
        var id = Regex.Match(queue, "(?m)^[0-9a-f]{24}").Value;
        await SayAsync(RunningGarden.AdminToken, 0, "reports", "take", id);
        await SayAsync(RunningGarden.AdminToken, 0, "reports", "resolve", id, "--rate", "sensitive", "--note", "plagues");
        Assert.Contains("(REPORT_RESOLVED)", await SayAsync(RunningGarden.AdminToken, 1, "reports", "resolve", id, "--dismiss", "--note", "not so bad"), StringComparison.Ordinal);

        Assert.Matches("(?m)^note +plagues$", await SayAsync(ann, 0, "reports", "show", id));
        Assert.Matches(@"(?m)^rating +sensitive \(sensitive by curators\)$", await SayAsync(ann, 0, "models", "show", "garden/kjv-llama"));
        Assert.Contains("unrated became sensitive: plagues", await SayAsync(RunningGarden.AdminToken, 0, "models", "show", "garden/kjv-llama"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Collections_MadeFilledAndFeatured_AreForEverybody()
    {
        await SayAsync(RunningGarden.AdminToken, 0, "tenants", "create", "acme");
        var ann = await PersonAsync("ann", "engineer");

        var made = await SayAsync(ann, 0, "collections", "create", "Small ones");
        var slug = Regex.Match(made, "acme/small-ones-[0-9a-f]{24}").Value;
        await SayAsync(ann, 0, "collections", "add", slug, "garden/kjv-llama", "--note", "speaks old English");
        Assert.Contains("(ROLE_MISSING)", await SayAsync(ann, 1, "collections", "feature", slug), StringComparison.Ordinal);
        await SayAsync(RunningGarden.AdminToken, 0, "collections", "feature", slug);

        Assert.Matches($"(?m)^{slug} .*place 0 +public$", await SayAsync(ann, 0, "collections", "list", "--featured"));
        Assert.Contains("speaks old English", await SayAsync(RunningGarden.AdminToken, 0, "collections", "show", slug), StringComparison.Ordinal);
        Assert.Matches("(?m)^likes +1$", await SayAsync(ann, 0, "models", "like", "garden/kjv-llama"));
        Assert.Matches("(?m)^garden/kjv-llama +model", await SayAsync(ann, 0, "models", "likes"));
        Assert.Matches("(?m)^license-known .* yes", await SayAsync(RunningGarden.AdminToken, 0, "models", "checks", "garden/kjv-llama"));
    }

    private Task<string> ReportAsync(string token) => SayAsync(token, 0, "models", "report", "garden/kjv-llama", "--category", "unsafe", "--text", "it tells of plagues");

    private async Task AcceptAsync(string admin)
    {
        var text = await SayAsync(admin, 0, "licenses", "show", "apache-2.0");
        Assert.Matches("(?m)^acceptance +needed$", text);
        Assert.Contains("TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION", text, StringComparison.Ordinal);

        Assert.Matches("(?m)^by +ada$", await SayAsync(admin, 0, "licenses", "accept", "apache-2.0", "--yes"));

        Assert.Matches("(?m)^acceptance +accepted$", await SayAsync(admin, 0, "licenses", "show", "apache-2.0"));
        Assert.Matches("(?m)^apache-2.0 .* accepted$", await SayAsync(admin, 0, "licenses", "list"));
    }

    /// <summary>Usage is brought to Entitlement within moments of a call; then the command shows it.</summary>
    private async Task UsageAsync(string token)
    {
        while ((await _garden.CallAsync(token, "GET", "/garden/v1/usage"))["rows"]!.AsArray().Count is 0)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        var usage = await SayAsync(token, 0, "usage");
        Assert.Matches(@"(?m)^\d{4}-\d\d-\d\d +kjv +ann +1 +[1-9]\d* +8 ", usage);
        Assert.Matches(@"(?m)^total +1 +[1-9]\d* +8 ", usage);
    }

    private async Task DownloadAsync(string token)
    {
        var folder = Path.Combine(_garden.Data, "downloaded");

        await SayAsync(token, 0, "models", "download", "garden/kjv-llama", "--to", folder);

        var sample = Repo.PathOf("deploy/samples/kjv-llama");
        Assert.All(Directory.GetFiles(sample), file => Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(folder, Path.GetFileName(file)))));
    }

    private async Task<string> PersonAsync(string name, string role)
    {
        await SayAsync(RunningGarden.AdminToken, 0, "accounts", "create", name, "--tenant", "acme", "--role", role);
        var token = await SayAsync(RunningGarden.AdminToken, 0, "tokens", "create", "--account", name, "--json");
        return (string)JsonNode.Parse(token[token.IndexOf('{', StringComparison.Ordinal)..(token.LastIndexOf('}') + 1)])!["secret"]!;
    }

    /// <summary>Runs a command as someone and gives all that it printed.</summary>
    private async Task<string> SayAsync(string token, int exitCode, params string[] arguments)
    {
        var settings = new Dictionary<string, string>
        {
            ["GARDEN_URL"] = _garden.Url,
            ["GARDEN_TOKEN"] = token,
            ["XDG_CONFIG_HOME"] = Path.Combine(_garden.Data, "config"),
            ["NO_COLOR"] = "1",
        };
        await using var command = Child.Start("libs/Cli/bin/*/net10.0/garden.dll", settings, arguments);
        var code = await command.ExitAsync();
        Assert.True(exitCode == code, $"garden {string.Join(' ', arguments)} ended with {code}:\n{command.Output}");
        return command.Output;
    }
}
