using System.Text.RegularExpressions;
using Google.Api;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hub.Routing;
using ModelGarden.Testing;

namespace ModelGarden.EndToEnd.Tests.Tenancy;

/// <summary>
/// No tenant sees another. One garden, one tenant with one of everything (<see cref="Alpha"/>), and everybody who has no business with it (<see cref="Beta"/>) at every RPC and every route: what names a thing of alpha's is answered
/// as what names nothing, in nothing that is answered is a word of alpha's, and afterwards alpha's world is as it was.
/// </summary>
public abstract partial class TenancyContract(World world)
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public void Rpcs_OfAllServices_AreThoseOfTheTable() => Assert.Equal(
        RpcAttempt.All.Select(RpcAttempt.NameOf).Order(StringComparer.Ordinal), RpcTable.All.Select(attempt => attempt.Rpc).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Routes_OfAllServices_AreThoseOfTheTable()
    {
        SkipWithoutDatabase();
        var known = RouteTable.All.Select(attempt => attempt.Name)
            .Concat(ServiceNames.All.SelectMany(service => RouteTable.OfOperators.Select(path => $"{service} GET {path}")))
            .Concat(Annotated).Concat(RouteTable.PassedOn.Select(path => $"{ServiceNames.Gateway} * {path}")).ToHashSet();

        var there = ServiceNames.All.SelectMany(RoutesOf).ToHashSet();
        None([.. there.Except(known).Select(route => $"not said how to try: {route}"), .. known.Except(there).Select(route => $"gone: {route}")]);
    }

    [Fact]
    public async Task World_TriedByEverybodyElse_IsNeitherSeenNorChanged()
    {
        SkipWithoutDatabase();
        var (walk, before) = (new Walk(world), await world.StateAsync());

        foreach (var who in world.Beta.All)
        {
            foreach (var attempt in RpcTable.All)
            {
                await walk.CallAsync(who, attempt);
            }

            foreach (var attempt in RouteTable.All.Where(attempt => who == world.Beta.Admin || !Walk.IsPage(attempt)))
            {
                await walk.SendAsync(who, attempt);
            }
        }

        None([.. walk.Faults, .. World.Differences(before, await world.StateAsync())]);
    }

    [Fact]
    public async Task Services_CalledPastTheGateway_TakeNoWordButIdentitys()
    {
        SkipWithoutDatabase();
        var walk = new Walk(world);

        foreach (var (attempt, service) in RpcTable.All.SelectMany(attempt => attempt.Services.Select(service => (attempt, service))))
        {
            var arguments = world.Alpha.Names.Fill(attempt.Arguments, isThere: true);
            var forged = TenancyGarden.Forged(People.Operator);
            walk.Expect($"{attempt.Rpc} of {service} with a forged token", "BAD_INTERNAL_TOKEN", await Calls.CallAsync(world.Garden.Inside.With(forged, service), attempt.Method, arguments));
            if (attempt.Access.Audience is not Audience.Anyone)
            {
                walk.Expect($"{attempt.Rpc} of {service} without a token", "NO_INTERNAL_TOKEN", await Calls.CallAsync(world.Garden.Inside.AsNobody(service), attempt.Method, arguments));
            }
        }

        foreach (var attempt in RouteTable.All.Where(attempt => attempt.Service is not ServiceNames.Gateway))
        {
            await SendInsideAsync(walk, attempt, null);
            await SendInsideAsync(walk, attempt, TenancyGarden.Forged(People.Operator));
        }

        None(walk.Faults);
    }

    [Fact]
    public async Task Services_CalledPastTheGatewayForAnotherTenant_TellNoMore()
    {
        SkipWithoutDatabase();
        var (walk, before) = (new Walk(world), await world.StateAsync());

        // What services alone ask of Entitlement, of what Catalog has told them, is theirs to answer for.
        foreach (var attempt in RpcTable.All.Where(attempt => attempt.IsForServices || attempt.Expected is not "SERVICES_ONLY"))
        {
            foreach (var service in attempt.Services)
            {
                await walk.CallInsideAsync(world.Beta.Admin, attempt, service);
            }
        }

        None([.. walk.Faults, .. World.Differences(before, await world.StateAsync())]);
    }

    private static void None(IReadOnlyCollection<string> faults) => Assert.True(faults.Count is 0, $"{faults.Count} faults:\n{string.Join('\n', faults)}");

    private void SkipWithoutDatabase() => Assert.SkipUnless(world.IsPossible, "GARDEN_TEST_POSTGRES is not set: tests/run.sh starts a PostgreSQL and sets it");

    private async Task SendInsideAsync(Walk walk, RouteAttempt attempt, string? token)
    {
        using var client = world.Garden.Inside.Http(attempt.Service);
        foreach (var (verb, target) in attempt.Requests)
        {
            using var request = new HttpRequestMessage(new HttpMethod(verb), world.Alpha.Names.Fill(target, isThere: true));
            request.Headers.Authorization = token is null ? null : new("Bearer", token);
            using var response = await client.SendAsync(request, Cancel);
            walk.Expect($"{attempt.Service}'s {verb} {target} {(token is null ? "without a token" : "with a forged one")}", "401", await Answer.OfAsync(response, Cancel));
        }
    }

    /// <summary>What a service serves over HTTP, as its routing has it: endpoints of ASP.NET's, and the Hub's own.</summary>
    private IEnumerable<string> RoutesOf(string service)
    {
        var parts = world.Garden.Inside.PartsOf(service);
        var endpoints = parts.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>() is null && !endpoint.RoutePattern.RawText!.Contains("unimplemented", StringComparison.Ordinal))
            .Select(endpoint => $"{service} {VerbsOf(endpoint)} {Unnamed(service, endpoint.RoutePattern.RawText!)}");
        return service is ServiceNames.Hub ? endpoints.Concat(parts.GetServices<IEndpoints>().SelectMany(group => group.Routes).Select(route => $"{service} {route.Methods} {route.Pattern}")) : endpoints;
    }

    private static string VerbsOf(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is { Count: > 0 } verbs ? string.Join(' ', verbs) : "*";

    /// <summary>What the protos say that our own REST has.</summary>
    private static IEnumerable<string> Annotated => RpcAttempt.All.Select(method => method.GetOptions().GetExtension(HttpExtensions.Http)).OfType<HttpRule>()
        .SelectMany(rule => rule.AdditionalBindings.Prepend(rule)).Select(Calls.PatternOf).Select(one => $"{ServiceNames.Gateway} {one.Verb} {Unnamed(ServiceNames.Gateway, one.Path)}");

    /// <summary>REST's patterns without the names of their parts, which protos and routing write differently.</summary>
    private static string Unnamed(string service, string pattern) => service is not ServiceNames.Gateway || pattern.Contains("**", StringComparison.Ordinal) ? pattern
        : Part.Replace(Pair.Replace(pattern, "{}/{}"), "{}");

    [GeneratedRegex(@"\{[^}]*=\*/\*\}")]
    private static partial Regex Pair { get; }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Part { get; }
}

public sealed class TenancyTests(World world) : TenancyContract(world), IClassFixture<World>;

public sealed class PostgresTenancyTests(PostgresWorld world) : TenancyContract(world), IClassFixture<PostgresWorld>;
