using System.Diagnostics;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement;
using ModelGarden.Entitlement.Policies;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Benchmarks.Policies;

/// <summary>A hundred tenants of fifty people each, twenty thousand models, thirty days.</summary>
internal static class ReplayRounds
{
    private const int Rounds = 3;
    private const int Decisions = 10_000_000;
    private const int Models = 20_000;

    public static async Task RunAsync(string data, int rows)
    {
        Directory.CreateDirectory(data);
        var settings = new Dictionary<string, string?> { ["Garden:Data"] = data, ["Garden:ServiceSecret"] = "a secret of benchmarks, long enough for all" };
        foreach (var name in ServiceNames.All)
        {
            settings[$"Garden:Services:{name}:Grpc"] = $"unix:{data}/{name}.sock";
            settings[$"Garden:Services:{name}:Http"] = $"unix:{data}/{name}.http.sock";
        }

        await using var app = GardenService.Build(EntitlementModule.Definition, [], settings);
        await app.StartAsync();
        await FillAsync(app.Services.GetRequiredService<IDbContextFactory<EntitlementDbContext>>(), rows);
        for (var round = 0; round < Rounds; round++)
        {
            await ReplayAsync(app.Services.GetRequiredService<PolicyReplays>());
        }

        await app.StopAsync();
    }

    private static async Task FillAsync(IDbContextFactory<EntitlementDbContext> contexts, int rows)
    {
        var (today, each) = (DateTime.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), Decisions / rows);
        await using var context = await contexts.CreateDbContextAsync();
        await using var transaction = await context.Database.BeginTransactionAsync();
        for (var i = 0; i < Models; i++)
        {
            await context.Database.ExecuteSqlAsync($"INSERT INTO decided_things (id, resource, last_day) VALUES ({i.ToString("x32", System.Globalization.CultureInfo.InvariantCulture)}, {Drafts.Model(i).ToByteArray()}, {today})");
        }

        context.Database.SetCommandTimeout(TimeSpan.FromMinutes(20));
        await context.Database.ExecuteSqlAsync(
            $"""
            WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {rows})
            INSERT INTO decided (tenant, thing, account, action, rule, day, count)
            SELECT printf('t%02d', i % 100), printf('%032x', i / 500 % {Models}), printf('a%d', i / 100 % 50), 2, 'LICENSE_ACCEPTED', date({today}, printf('-%d days', i / 100 % 30)), {each} FROM n
            """);
        await context.Database.ExecuteSqlAsync(
            $"INSERT INTO decided_days (tenant, day, decisions, kept, lost) SELECT tenant, day, SUM(count), COUNT(*), 0 FROM decided GROUP BY tenant, day");
        await transaction.CommitAsync();
    }

    private static async Task ReplayAsync(PolicyReplays replays)
    {
        var root = new Caller(new() { Kind = PrincipalKind.Person, Name = "root", Tenant = "garden", Roles = { Roles.Operator }, Scopes = { Scopes.All } }, "");
        var start = Stopwatch.GetTimestamp();
        var replay = (await replays.BeginAsync(root, new PolicyScope(""), Drafts.Rules(100), 0, default)).Value;
        var last = new ReplayProgress();
        await foreach (var progress in replay.RunAsync(default))
        {
            last = progress;
        }

        Console.WriteLine(
            $"{last.Done:N0} decisions: {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s   ({last.Report.Refused:N0} would be refused, {last.Report.RefusalRows:N0} rows; {Environment.WorkingSet >> 20} MiB)");
    }
}
