using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Testing;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Entitlement.Tests;

/// <summary>
/// Random histories of policies, texts with grace, acceptances for organisations and members, withdrawals, contracts and their seats, requests for access, grants and rejections: after each step the service decides as
/// <see cref="SlowGarden"/> does, which knows nothing but the list of what happened, and so does who follows the feed (<see cref="LocalGarden"/>), wherever it is his to say.
/// </summary>
public sealed class HistoryTests
{
    private const int Steps = 150;
    private static readonly string[] Tenants = ["acme", "umbrella"];
    private static readonly string[] Licenses = ["l-one", "l-two"];
    private static readonly string[] Contracts = ["c-one", "c-two"];

    private static readonly Resource[] Models =
    [
        ModelOf("meta/pickled", AccessGate.None, ["l-one"], new() { Formats = { "torch", "safetensors" }, Verdict = Verdict.Clean, Size = 10, Rating = ContentRating.General }),
        ModelOf("meta/safe", AccessGate.Manual, ["l-one", "l-two"], new() { Formats = { "safetensors" }, Verdict = Verdict.Clean, Size = 5000, Rating = ContentRating.Sensitive }),
        ModelOf("meta/new", AccessGate.None, ["l-two"], new() { Formats = { "safetensors" }, Verdict = Verdict.Pending, Size = 10, Rating = ContentRating.Unrated }),
        ModelOf("meta/silent", AccessGate.Manual, [], null),
        ModelOf("meta/deal", AccessGate.None, ["l-deal"], new() { Formats = { "gguf" }, Verdict = Verdict.Clean, Size = 10, Rating = ContentRating.Unrated }),
        ModelOf("meta/open", AccessGate.Automatic, ["l-two", "l-deal"], new() { Formats = { "safetensors" }, Verdict = Verdict.Clean, Size = 10, Rating = ContentRating.General }),
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
        var (random, slow, local) = (new Random(seed), new SlowGarden(), new LocalGarden(garden));
        await BeginAsync(garden, slow);
        for (var step = 0; step < Steps; step++)
        {
            await HappenAsync(garden, slow, random, step);
            await CompareAsync(garden, slow, local, random, $"seed {seed}, step {step}");
        }
    }

    [Fact]
    public async Task Decide_CutOff_SaysNothingOnceItIsOlderThanTheBound()
    {
        await using var garden = await EntitlementGarden.StartAsync(null);
        var (random, local, heard) = (new Random(5), new LocalGarden(garden), garden.Clock.GetUtcNow());
        await local.CatchUpAsync();
        for (var step = 0; step < 200; step++)
        {
            garden.Clock.Advance(TimeSpan.FromMilliseconds(random.Next(700)));
            if (random.Next(3) is 0)
            {
                await local.CatchUpAsync();
                heard = garden.Clock.GetUtcNow();
            }

            var said = local.Decide(People.Engineer(), Action.Call, Models[^1]);

            Assert.Equal(garden.Clock.GetUtcNow() - heard >= TimeSpan.FromSeconds(1), said is null);
        }
    }

    private static async Task BeginAsync(EntitlementGarden garden, SlowGarden slow)
    {
        await garden.As(People.Operator).CreateTenantAsync(new() { Name = "meta" }, cancellationToken: Cancel);
        await garden.As(People.Operator).PutLicenseAsync(new() { Id = SlowGarden.Deal, Title = "By contract", Text = "ours", RequiresContract = true }, cancellationToken: Cancel);
        foreach (var license in Licenses)
        {
            await PutAsync(garden, slow, license, "first", 0);
        }

        foreach (var tenant in Tenants)
        {
            await garden.As(People.Operator).SetMemberAsync(new() { Tenant = tenant, Account = "ann", Roles = { Roles.Engineer } }, cancellationToken: Cancel);
            await garden.As(People.Operator).SetMemberAsync(new() { Tenant = tenant, Account = "lea", Roles = { Roles.Legal } }, cancellationToken: Cancel);
        }
    }

    private static async Task HappenAsync(EntitlementGarden garden, SlowGarden slow, Random random, int step)
    {
        var (now, tenant, license, account) = (garden.Clock.GetUtcNow(), Pick(random, Tenants), Pick(random, Licenses), Pick(random, ["", "", "ann", "lea"]));
        switch (random.Next(11))
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
                await PutAsync(garden, slow, license, $"text {random.Next(3)}", random.Next(3));
                break;
            case 2 or 3:
                await AcceptAsync(garden, slow, tenant, license, account, random.Next(2) is 0 ? null : now.AddMinutes(random.Next(1, 60)));
                break;
            case 4:
                await TryAsync(async () =>
                {
                    await garden.As(People.Admin(tenant)).WithdrawAcceptanceAsync(new() { Id = license, ForAccount = account }, cancellationToken: Cancel);
                    slow.Add(new Withdrawn(tenant, license, account));
                });
                break;
            case 5:
                await HandleAsync(garden, slow, random, now);
                break;
            case 6:
                await AskAsync(garden, slow, random, now);
                break;
            case 7:
                await ContractAsync(garden, slow, random, now);
                break;
            case 8:
                await TryAsync(async () =>
                {
                    var (contract, seated) = (Pick(random, Contracts), Pick(random, ["ann", "lea"]));
                    await garden.As(People.Admin(tenant)).ReleaseSeatAsync(new() { Id = contract, Account = seated }, cancellationToken: Cancel);
                    slow.Add(new SeatReleased(contract, tenant, seated));
                });
                break;
            case 9:
                var isLimited = random.Next(2) is 0;
                await garden.As(People.Operator).SetQuotaAsync(new() { Tenant = tenant, RequestsPerDay = isLimited ? 1000 : 0 }, cancellationToken: Cancel);
                slow.Add(new Limited(tenant, isLimited));
                break;
            default:
                garden.Clock.Jump(random.Next(3) is 0 ? TimeSpan.FromHours(random.Next(20)) : TimeSpan.FromMinutes(random.Next(30)));
                break;
        }
    }

    private static async Task PutAsync(EntitlementGarden garden, SlowGarden slow, string license, string text, int graceDays)
    {
        await garden.As(People.Operator).PutLicenseAsync(new() { Id = license, Title = license, Text = text, RequiresAcceptance = true, GraceDays = graceDays }, cancellationToken: Cancel);
        slow.Add(new TextPut(license, text, graceDays, garden.Clock.GetUtcNow()));
    }

    private static async Task ContractAsync(EntitlementGarden garden, SlowGarden slow, Random random, DateTimeOffset now)
    {
        var put = new ContractPut(
            Pick(random, Contracts), SlowGarden.Deal, [.. Tenants.Append("garden").Where(_ => random.Next(3) > 0).DefaultIfEmpty("acme")], now.AddHours(random.Next(-5, 3)), now.AddHours(random.Next(4, 40)).AddMilliseconds(random.Next(1000)), random.Next(1, 3));
        await garden.As(People.Operator).PutContractAsync(
            new() { Id = put.Id, Partner = "Partner", License = put.License, Tenants = { put.Tenants }, StartsAt = put.From.ToTimestamp(), EndsAt = put.To.ToTimestamp(), Seats = put.Seats }, cancellationToken: Cancel);
        slow.Add(put);
    }

    private static async Task AskAsync(EntitlementGarden garden, SlowGarden slow, Random random, DateTimeOffset now)
    {
        var (asker, model) = (Pick(random, Askers), Pick(random, [.. Models.Where(model => model.Gate is not AccessGate.None)]));
        await TryAsync(async () =>
        {
            await garden.As(asker).RequestAccessAsync(new() { Resource = model }, cancellationToken: Cancel);
            slow.Add(new Asked(model.Repository, asker.Name, model.Gate is AccessGate.Automatic, now));
        });
    }

    private static async Task AcceptAsync(EntitlementGarden garden, SlowGarden slow, string tenant, string license, string account, DateTimeOffset? until)
    {
        var admin = garden.As(People.Admin(tenant));
        var text = await admin.GetLicenseAsync(new() { Id = license }, cancellationToken: Cancel);
        var accepted = await admin.AcceptLicenseAsync(new() { Id = license, TextSha256 = text.TextSha256, Until = until?.ToTimestamp(), ForAccount = account }, cancellationToken: Cancel);
        // What stands accepted is answered as it is.
        slow.Add(new Accepted(tenant, license, account, accepted.Until?.ToDateTimeOffset()));
    }

    private static async Task HandleAsync(EntitlementGarden garden, SlowGarden slow, Random random, DateTimeOffset now)
    {
        var model = Pick(random, [.. Models.Where(model => model.Gate is not AccessGate.None)]);
        var owner = garden.As(People.Engineer(model.Repository[..model.Repository.IndexOf('/', StringComparison.Ordinal)]));
        var account = Pick(random, ["ann", "lea", "cora"]);
        var until = random.Next(2) is 0 ? (DateTimeOffset?)null : now.AddMinutes(random.Next(1, 60));
        await TryAsync(async () =>
        {
            await owner.GrantAccessAsync(new() { Resource = model, Account = account, Until = until?.ToTimestamp() }, cancellationToken: Cancel);
            slow.Add(new Handled(model.Repository, account, AccessStatus.Accepted, until));
        });
        if (random.Next(2) is 0)
        {
            await TryAsync(async () =>
            {
                var status = Pick(random, [AccessStatus.Rejected, AccessStatus.Pending]);
                await owner.HandleAccessRequestAsync(new() { Resource = model, Account = account, Status = status }, cancellationToken: Cancel);
                slow.Add(new Handled(model.Repository, account, status, null));
            });
        }
    }

    private static async Task CompareAsync(EntitlementGarden garden, SlowGarden slow, LocalGarden local, Random random, string where)
    {
        foreach (var principal in Askers)
        {
            var (action, model) = (Pick(random, [Action.Download, Action.Deploy, Action.Call]), Pick(random, Models));
            await local.CatchUpAsync();
            var said = local.Decide(principal, action, model);
            var decision = await garden.As(principal).DecideAsync(new() { Action = action, Resource = model }, cancellationToken: Cancel);
            var expected = slow.Decide(principal, action, model, garden.Clock.GetUtcNow());
            var what = $"{where}: {principal.Name} of {principal.Tenant}, {action} of {model.Repository}";
            Assert.True((decision.Allowed, decision.Rule) == (expected.Allowed, expected.Rule), $"{what}: {decision.Rule}, not {expected.Rule}");
            Assert.True((said is null) == (expected.Seat is not null || (action is Action.Call && slow.IsLimited(principal.Tenant))), $"{what}: {said?.Rule ?? "nothing"} is said from the feed");
            Assert.True(said is null || (said.Allowed, said.Rule, said.EndsAt) == (expected.Allowed, expected.Rule, decision.EndsAt?.ToDateTimeOffset()), $"{what}: {said?.Rule} is said from the feed, not {expected.Rule}");
            if (expected.Seat is { } contract)
            {
                slow.Add(new SeatTaken(contract, principal.Tenant, principal.Name));
            }
        }
    }

    /// <summary>What is refused for how things stand did not happen.</summary>
    private static async Task TryAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (RpcException exception) when (exception.StatusCode is StatusCode.NotFound or StatusCode.InvalidArgument or StatusCode.PermissionDenied)
        {
            // Nothing to withdraw or release, already so, or rejected.
        }
    }

    private static Resource ModelOf(string name, AccessGate gate, string[] licenses, ModelFacts? facts) => new()
    {
        Repository = name, RepositoryId = name.Replace('/', '-'), Kind = RepositoryKind.Model, Gate = gate, Licenses = { licenses }, Facts = facts,
    };

    private static T Pick<T>(Random random, T[] values) => values[random.Next(values.Length)];
}
