using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Testing;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Entitlement.Tests;

/// <summary>
/// Random histories of policies, texts, acceptances, withdrawals, grants and rejections: after each step the service decides as <see cref="SlowGarden"/> does, which knows nothing but the list of what happened.
/// </summary>
public sealed class HistoryTests
{
    private const int Steps = 120;
    private static readonly string[] Tenants = ["acme", "umbrella"];
    private static readonly string[] Licenses = ["l-one", "l-two"];

    private static readonly Resource[] Models =
    [
        ModelOf("meta/pickled", AccessGate.None, ["l-one"], new() { Formats = { "torch", "safetensors" }, Verdict = Verdict.Clean, Size = 10, Rating = ContentRating.General }),
        ModelOf("meta/safe", AccessGate.Manual, ["l-one", "l-two"], new() { Formats = { "safetensors" }, Verdict = Verdict.Clean, Size = 5000, Rating = ContentRating.Sensitive }),
        ModelOf("meta/new", AccessGate.None, ["l-two"], new() { Formats = { "safetensors" }, Verdict = Verdict.Pending, Size = 10, Rating = ContentRating.Unrated }),
        ModelOf("meta/silent", AccessGate.Manual, [], null),
        ModelOf("acme/own", AccessGate.Manual, [], new() { Formats = { "gguf" }, Verdict = Verdict.Clean, Size = 10, Rating = ContentRating.Unrated }),
    ];

    private static readonly Principal[] Askers =
    [
        People.Engineer(), People.Person("lea", "acme", Roles.Legal), People.Engineer("umbrella"), People.Engineer("meta"), People.Curator,
    ];

    private static CancellationToken Cancel => Patience.Cancel;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public async Task Decide_AfterAnyHistory_IsWhatTheHistorySays(int seed, bool onPostgres)
    {
        await using var garden = await EntitlementGarden.StartAsync(onPostgres ? await TestDatabase.CreateAsync() : null);
        await garden.As(People.Operator).CreateTenantAsync(new() { Name = "meta" }, cancellationToken: Cancel);
        var (random, slow) = (new Random(seed), new SlowGarden());
        foreach (var license in Licenses)
        {
            await PutAsync(garden, slow, license, "first");
        }

        for (var step = 0; step < Steps; step++)
        {
            await HappenAsync(garden, slow, random, step);
            await CompareAsync(garden, slow, random, $"seed {seed}, step {step}");
        }
    }

    private static async Task HappenAsync(EntitlementGarden garden, SlowGarden slow, Random random, int step)
    {
        var (now, tenant, license) = (garden.Clock.GetUtcNow(), Pick(random, Tenants), Pick(random, Licenses));
        switch (random.Next(7))
        {
            case 0:
                var scope = Pick(random, ["", .. Tenants]);
                var rules = slow.MakeRules(random);
                var expected = slow.PoliciesOf(scope).Count();
                var policy = await garden.As(People.Operator).SetPolicyAsync(
                    new() { Garden = scope.Length is 0, Tenant = scope, Text = $"# {step}\n{SlowGarden.Write(rules)}", Reason = "chance", ExpectedVersion = expected }, cancellationToken: Cancel);
                Assert.Equal(expected + 1, policy.Version);
                slow.Add(new PolicySet(scope, rules));
                break;
            case 1:
                await PutAsync(garden, slow, license, $"text {random.Next(3)}");
                break;
            case 2 or 3:
                await AcceptAsync(garden, slow, tenant, license, random.Next(2) is 0 ? null : now.AddMinutes(random.Next(1, 60)));
                break;
            case 4:
                await TryAsync(async () =>
                {
                    await garden.As(People.Admin(tenant)).WithdrawAcceptanceAsync(new() { Id = license }, cancellationToken: Cancel);
                    slow.Add(new Withdrawn(tenant, license));
                });
                break;
            case 5:
                await HandleAsync(garden, slow, random, now);
                break;
            default:
                garden.Clock.Jump(TimeSpan.FromMinutes(random.Next(30)));
                break;
        }
    }

    private static async Task PutAsync(EntitlementGarden garden, SlowGarden slow, string license, string text)
    {
        await garden.As(People.Operator).PutLicenseAsync(new() { Id = license, Title = license, Text = text, RequiresAcceptance = true }, cancellationToken: Cancel);
        slow.Add(new TextPut(license, text));
    }

    private static async Task AcceptAsync(EntitlementGarden garden, SlowGarden slow, string tenant, string license, DateTimeOffset? until)
    {
        var admin = garden.As(People.Admin(tenant));
        var text = await admin.GetLicenseAsync(new() { Id = license }, cancellationToken: Cancel);
        var accepted = await admin.AcceptLicenseAsync(new() { Id = license, TextSha256 = text.TextSha256, Until = until?.ToTimestamp() }, cancellationToken: Cancel);
        // What stands accepted is answered as it is.
        slow.Add(new Accepted(tenant, license, accepted.Until?.ToDateTimeOffset()));
    }

    private static async Task HandleAsync(EntitlementGarden garden, SlowGarden slow, Random random, DateTimeOffset now)
    {
        var model = Pick(random, [.. Models.Where(model => model.Gate is AccessGate.Manual)]);
        var owner = garden.As(People.Engineer(model.Repository[..model.Repository.IndexOf('/', StringComparison.Ordinal)]));
        var account = Pick(random, ["ann", "lea", "cora"]);
        var until = random.Next(2) is 0 ? (DateTimeOffset?)null : now.AddMinutes(random.Next(1, 60));
        await TryAsync(async () =>
        {
            await owner.GrantAccessAsync(new() { Resource = model, Account = account, Until = until?.ToTimestamp() }, cancellationToken: Cancel);
            slow.Add(new Granted(model.Repository, account, until));
        });
        if (random.Next(2) is 0)
        {
            await TryAsync(async () =>
            {
                await owner.HandleAccessRequestAsync(new() { Resource = model, Account = account, Status = AccessStatus.Rejected }, cancellationToken: Cancel);
                slow.Add(new Rejected(model.Repository, account));
            });
        }
    }

    private static async Task CompareAsync(EntitlementGarden garden, SlowGarden slow, Random random, string where)
    {
        foreach (var principal in Askers)
        {
            var (action, model) = (Pick(random, [Action.Download, Action.Deploy, Action.Call]), Pick(random, Models));
            var decision = await garden.As(principal).DecideAsync(new() { Action = action, Resource = model }, cancellationToken: Cancel);
            var expected = slow.Decide(principal, action, model, garden.Clock.GetUtcNow());
            Assert.True((decision.Allowed, decision.Rule) == expected, $"{where}: {principal.Name} of {principal.Tenant}, {action} of {model.Repository}: {decision.Rule}, not {expected.Rule}");
        }
    }

    /// <summary>What is refused for how things stand did not happen.</summary>
    private static async Task TryAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (RpcException exception) when (exception.StatusCode is StatusCode.NotFound or StatusCode.InvalidArgument)
        {
            // Nothing to withdraw, or already so.
        }
    }

    private static Resource ModelOf(string name, AccessGate gate, string[] licenses, ModelFacts? facts) => new()
    {
        Repository = name, RepositoryId = name.Replace('/', '-'), Kind = RepositoryKind.Model, Gate = gate, Licenses = { licenses }, Facts = facts,
    };

    private static T Pick<T>(Random random, T[] values) => values[random.Next(values.Length)];
}
