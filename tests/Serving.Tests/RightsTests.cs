using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Serving.Endpoints;
using ModelGarden.Serving.Forwarding;
using ModelGarden.Testing;

namespace ModelGarden.Serving.Tests;

/// <summary>Calls that Entitlement is not asked about.</summary>
public sealed class RightsTests
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Call_ThatTheFeedAllows_IsAdmitted_AndAPolicyOfAMomentLaterRefusesIt()
    {
        var (deployment, feed) = (new DeploymentDouble(), new FeedDouble());
        var entitlement = new EntitlementDouble { Feed = feed, Decision = new() { Rule = "POLICY_DENIED", Message = "nobody calls" } };
        // Its feed never beats here: what it said last is to be trusted for the whole of the test.
        await using var garden = await TestGarden.StartAsync(
            null, null, new Dictionary<string, string> { ["Rights:TrustedSilenceMilliseconds"] = "30000" }, deployment.Definition, entitlement.Definition, ServingModule.Definition);
        var known = garden.PartsOf(ServiceNames.Serving).GetRequiredService<EndpointTable>().NextChange("acme", "kjv");
        deployment.Tell(new() { Tenant = "acme", Name = "kjv", State = EndpointState.Ready, Repository = "acme/model", Revision = "r1" });
        await known.InTimeAsync();

        await UntilAsync(garden, admission => admission.Call is not null);
        feed.Announce("policy/", new Policy { Version = 1, Rules = 1, Text = "rules: [{id: none, effect: deny}]" });

        await UntilAsync(garden, admission => admission.Error is { Reason: "POLICY_DENIED", Message: "nobody calls" });
        Assert.Equal("acme/model", entitlement.Asked!.Repository);
    }

    private static async Task UntilAsync(TestGarden garden, Predicate<Admission> isSo)
    {
        var caller = new Caller(People.Engineer(), TestGarden.TokenOf(People.Engineer()));
        while (!isSo(await garden.PartsOf(ServiceNames.Serving).GetRequiredService<CallGate>().AdmitAsync(caller, "kjv", Cancel)))
        {
            Cancel.ThrowIfCancellationRequested();
        }
    }
}
