using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Tests;
using ModelGarden.Testing;

namespace ModelGarden.EndToEnd.Tests.Tenancy;

/// <summary>The garden, alpha in it, and everybody else at its door.</summary>
public class World : IAsyncLifetime
{
    private static readonly Principal Reader = People.Person($"{Names.Canary}-ada", Alpha.Tenant, Roles.Admin, Roles.Legal);
    private const string Unread = "unread: ";
    private const string RefusedSignIn = "session.refuse";
    private IssuerDouble _issuer = null!;
    private WebhookReceiver _receiver = null!;

    internal TenancyGarden Garden { get; private set; } = null!;

    internal Alpha Alpha { get; private set; } = null!;

    internal Beta Beta { get; private set; } = null!;

    private static CancellationToken Cancel => Patience.Cancel;

    /// <summary>Where it cannot be started, all that would use it is skipped: a fixture cannot say so itself.</summary>
    public virtual bool IsPossible => true;

    public async ValueTask InitializeAsync()
    {
        if (!IsPossible)
        {
            return;
        }

        (_issuer, _receiver) = (await IssuerDouble.StartAsync(), await WebhookReceiver.StartAsync());
        Garden = await TenancyGarden.StartAsync(await DatabaseAsync());
        Alpha = new(Garden, _issuer, _receiver);
        Beta = new(Garden, Alpha, _issuer);
        await Alpha.SettleAsync();
        await Beta.SettleAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (IsPossible)
        {
            await Garden.DisposeAsync();
            await _receiver.DisposeAsync();
            await _issuer.DisposeAsync();
        }
    }

    /// <summary>Null: SQLite.</summary>
    protected virtual Task<TestDatabase?> DatabaseAsync() => Task.FromResult<TestDatabase?>(null);

    /// <summary>All of alpha's that can be read: what its admin and the garden's operator are answered, by attempt, and what feeds tell services, by key.</summary>
    internal async Task<SortedDictionary<string, string>> StateAsync()
    {
        var state = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var attempt in RpcTable.All.Where(attempt => attempt.Effect is not Effect.Changes))
        {
            var invoker = Garden.Inside.As(attempt.Effect is Effect.Reads ? Reader : People.Operator, attempt.Services.Single());
            var answer = await Calls.CallAsync(invoker, attempt.Method, Alpha.Names.Fill(attempt.Arguments, isThere: true));
            state[$"{attempt.Rpc} {attempt.Arguments}"] = answer.Outcome.Length is 0 ? WithoutRefusals(attempt, Answer.WithoutUse(answer.Text)) : Unread + answer.Text;
        }

        foreach (var service in new[] { ServiceNames.Identity, ServiceNames.Entitlement, ServiceNames.Catalog, ServiceNames.Artifacts, ServiceNames.Deployment })
        {
            await AddFeedAsync(service, state);
        }

        return state;
    }

    /// <summary>What is otherwise than it was, and what could not so much as be read by those whose it is: of that nothing would be proven.</summary>
    internal static IEnumerable<string> Differences(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after) => before.Keys.Union(after.Keys)
        .Select(key => (Key: key, Before: before.GetValueOrDefault(key, "nothing"), After: after.GetValueOrDefault(key, "nothing")))
        .Where(one => one.Before != one.After || one.Before.StartsWith(Unread, StringComparison.Ordinal))
        .Select(one => $"{one.Key} was\n    {one.Before}\n  and is\n    {one.After}");

    private async Task AddFeedAsync(string service, SortedDictionary<string, string> state)
    {
        using var watch = new ChangeFeed.ChangeFeedClient(Garden.Inside.As(People.Service(ServiceNames.Search), service)).Watch(new(), cancellationToken: Cancel);
        while (await watch.ResponseStream.MoveNext(Cancel).InTimeAsync(service) && watch.ResponseStream.Current.EventCase is not FeedEvent.EventOneofCase.CaughtUp)
        {
            if (watch.ResponseStream.Current.Change is { State: { } now } change && !now.Value.ToStringUtf8().Contains(RefusedSignIn, StringComparison.Ordinal) && (IsAlphas(change.Key) || IsAlphas(now.Value.ToStringUtf8())))
            {
                state[$"{service} {change.Key}"] = Convert.ToHexStringLower(now.ToByteArray());
            }
        }
    }

    /// <summary>Without what its trail has of strangers who tried to sign in as its people, which it is there to tell.</summary>
    private static string WithoutRefusals(RpcAttempt attempt, string answer)
    {
        if (attempt.Rpc is not "Entitlement.ListAudit")
        {
            return answer;
        }

        var records = JsonNode.Parse(answer)!["records"]!.AsArray();
        return string.Join('\n', records.Where(record => (string?)record!["action"] != RefusedSignIn).Select(record => record!.ToJsonString()));
    }

    private static bool IsAlphas(string text) => text.Contains(Alpha.Tenant, StringComparison.Ordinal) || text.Contains(Names.Canary, StringComparison.Ordinal);
}

/// <summary>The same on PostgreSQL.</summary>
public sealed class PostgresWorld : World
{
    public override bool IsPossible => TestDatabase.IsThere;

    protected override async Task<TestDatabase?> DatabaseAsync() => await TestDatabase.CreateAsync();
}
