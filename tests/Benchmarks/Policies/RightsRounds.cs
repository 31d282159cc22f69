using System.Diagnostics;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Rights;
using ModelGarden.Rights.Local;
using ModelGarden.Testing;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Benchmarks.Policies;

/// <summary>
/// A hundred acceptances of each of many tenants, and a policy of the garden's: what a decision costs that is asked of Entitlement over gRPC, and what it costs in a service that follows its feed. The first is the
/// peer of the second: both answer the same questions.
/// </summary>
internal static class RightsRounds
{
    private const int Licenses = 100;
    private const int Asked = 2_000;
    private const int Questions = 10_000;
    private const int Rounds = 41;

    private static ServiceDefinition Asking { get; } = new(ServiceNames.Serving, builder => builder.Services.AddRights(), _ => { });

    public static async Task RunAsync(int tenants)
    {
        // Both cores are busy with the questions: the feed is given the time that it may have at most.
        await using var garden = await TestGarden.StartAsync(null, null, new Dictionary<string, string> { ["Rights:TrustedSilenceMilliseconds"] = "30000" }, EntitlementModule.Definition);
        await FillAsync(garden.PartsOf(ServiceNames.Entitlement).GetRequiredService<IDbContextFactory<EntitlementDbContext>>(), tenants);
        var (callers, models) = (Enumerable.Range(0, tenants).Select(CallerOf).ToArray(), Enumerable.Range(0, Questions).Select(ModelOf).ToArray());
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var start = Stopwatch.GetTimestamp();
        await garden.RestartAsync(Asking);
        var (desk, feed) = (garden.PartsOf(ServiceNames.Serving).GetRequiredService<RightsDesk>(), garden.PartsOf(ServiceNames.Serving).GetRequiredService<RightsFeed>());
        await HeardAsync(feed, 0);
        Console.WriteLine($"{tenants * Licenses:N0} acceptances of {tenants:N0} tenants heard in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s, {(GC.GetTotalMemory(forceFullCollection: true) - before) >> 20} MiB held");
        var version = 0;
        foreach (var rules in new[] { 0, 10, 100, 1000 })
        {
            await SetAsync(garden, feed, rules, version++);
            await MeasureAsync(desk, callers, models, rules);
        }

        await AskAsync(garden, callers, models, Action.Call, "asked over gRPC, a call");
        await AskAsync(garden, callers, models, Action.Download, "asked over gRPC, a first download, with its record");
    }

    private static async Task SetAsync(TestGarden garden, RightsFeed feed, int rules, int version)
    {
        var position = feed.Position;
        await new Contracts.V1.Entitlement.EntitlementClient(garden.As(People.Operator, ServiceNames.Entitlement))
            .SetPolicyAsync(new() { Garden = true, Text = $"# {rules}\n{Drafts.Rules(rules)}", Reason = "measured", ExpectedVersion = version });
        await HeardAsync(feed, position + 1);
    }

    private static async Task HeardAsync(RightsFeed feed, long position)
    {
        while (feed.Book is null || feed.Position < position)
        {
            await Task.Delay(10);
        }
    }

    private static async Task MeasureAsync(RightsDesk desk, Caller[] callers, Resource[] models, int rules)
    {
        var (times, allowed) = (new double[Rounds], 0);
        for (var round = -Rounds; round < Rounds; round++)
        {
            (var start, allowed) = (Stopwatch.GetTimestamp(), 0);
            for (var i = 0; i < Questions; i++)
            {
                allowed += (await desk.DecideAsync(callers[i % callers.Length], Action.Call, models[i], default)).Allowed ? 1 : 0;
            }

            times[Math.Max(round, 0)] = Stopwatch.GetElapsedTime(start).TotalMicroseconds / Questions;
        }

        Array.Sort(times);
        Console.WriteLine($"decided here, {rules,5} rules: {times[Rounds / 2]:F2} µs ({times[0]:F2}–{times[^1]:F2})   ({allowed} of {Questions} allowed)");
    }

    private static async Task AskAsync(TestGarden garden, Caller[] callers, Resource[] models, Action action, string what)
    {
        var times = new double[Asked];
        for (var i = -Asked / 4; i < Asked; i++)
        {
            var caller = callers[(i + Asked) * 7919 % callers.Length];
            var client = new Contracts.V1.Entitlement.EntitlementClient(garden.With(caller.InternalToken, ServiceNames.Entitlement));
            var start = Stopwatch.GetTimestamp();
            await client.DecideAsync(new() { Action = action, Resource = models[(i + Asked) % models.Length] });
            times[Math.Max(i, 0)] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(times);
        Console.WriteLine($"{what}: p50 {times[Asked / 2]:F2} ms, p99 {times[Asked * 99 / 100]:F2} ms ({times[0]:F2}–{times[^1]:F2})");
    }

    private static Caller CallerOf(int i)
    {
        var principal = People.Engineer(TenantOf(i));
        return new(principal, TestGarden.TokenOf(principal));
    }

    /// <summary>A model that no rule but those on its format and size is about.</summary>
    private static Resource ModelOf(int i)
    {
        var model = Drafts.Model(i);
        (model.RepositoryId, model.Licenses[0]) = (string.Create(CultureInfo.InvariantCulture, $"repo-{i}"), LicenseOf(i % Licenses));
        model.Facts.Formats[0] = "safetensors";
        return model;
    }

    private static string TenantOf(int i) => string.Create(CultureInfo.InvariantCulture, $"tenant-{i}");

    private static string LicenseOf(int i) => string.Create(CultureInfo.InvariantCulture, $"license-{i}");

    private static async Task FillAsync(IDbContextFactory<EntitlementDbContext> contexts, int tenants)
    {
        await using var context = await contexts.CreateDbContextAsync();
        await using var transaction = await context.Database.BeginTransactionAsync();
        for (var i = 0; i < Licenses; i++)
        {
            var license = new License { Id = LicenseOf(i), Title = LicenseOf(i), Version = 1, RequiresAcceptance = true };
            await context.Database.ExecuteSqlAsync($"INSERT INTO licenses (id, title, version, text_sha256, requires_acceptance, updated_at) VALUES ({license.Id}, {license.Title}, 1, '', TRUE, 0)");
            context.Announce($"license/{license.Id}", license);
        }

        for (var i = 0; i < tenants; i++)
        {
            var tenant = TenantOf(i);
            await context.Database.ExecuteSqlAsync($"INSERT INTO tenants (key, name, display_name, created_at) VALUES ({tenant}, {tenant}, {tenant}, 0)");
            await context.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO acceptances (id, tenant, license, license_version, text_sha256, account, purpose, accepted_at)
                SELECT {tenant} || '/' || id, {tenant}, id, 1, '', 'ada', '', 0 FROM licenses WHERE id LIKE 'license-%'
                """);
            for (var license = 0; license < Licenses; license++)
            {
                context.Announce($"acceptance/{tenant}/{LicenseOf(license)}", new Acceptance { Id = $"{tenant}/{LicenseOf(license)}", Tenant = tenant, License = LicenseOf(license), LicenseVersion = 1, Account = "ada", AcceptedAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch) });
            }

            await context.SaveChangesAsync();
        }

        await transaction.CommitAsync();
    }
}
