using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Deployment.Licenses;
using ModelGarden.Testing;

namespace ModelGarden.Deployment.Tests;

public sealed class LicenseTests
{
    private const string Reason =
        "acme has withdrawn its acceptance of apache-2.0 (apache-2.0), the licence of meta/model; admin or legal of acme can change that: garden licenses accept apache-2.0";

    private static readonly HttpClient Http = new();

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Acceptance_WithdrawnWhileAnEndpointRuns_BlocksItUntilItIsGivenAgain()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("meta/model", "serve");
        await garden.CreateAsync("chat", "meta/model");
        var (replica, address) = await garden.ReplicaAsync("chat");

        garden.Shelf.TellAcceptance("apache-2.0", withdrawn: true);
        var blocked = await garden.UntilAsync("chat", EndpointState.Blocked);
        await garden.UntilAsync("chat", endpoint => endpoint.Replicas.Count is 0);
        Assert.Equal(Reason, blocked.Reason);
        await Assert.ThrowsAsync<HttpRequestException>(() => Http.GetStringAsync(new Uri(address), Cancel));

        garden.Shelf.TellAcceptance("apache-2.0", withdrawn: false);
        var ready = await garden.UntilAsync("chat", EndpointState.Ready);
        Assert.NotEqual(replica, Assert.Single(ready.Replicas).Id);
    }

    [Fact]
    public async Task Acceptance_WithdrawnWhileAnEndpointLoads_StopsIt()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("meta/model", "hang");
        await garden.CreateAsync("chat", "meta/model");
        await garden.UntilAsync("chat", endpoint => endpoint.Replicas.Count is 1);

        garden.Shelf.TellAcceptance("apache-2.0", withdrawn: true);

        await garden.UntilAsync("chat", endpoint => endpoint is { State: EndpointState.Blocked, Replicas.Count: 0 });
    }

    [Fact]
    public async Task Acceptance_Withdrawn_HoldsOverARestart()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("meta/model", "serve");
        await garden.CreateAsync("chat", "meta/model");
        garden.Shelf.TellAcceptance("apache-2.0", withdrawn: true);
        await garden.UntilAsync("chat", endpoint => endpoint is { State: EndpointState.Blocked, Replicas.Count: 0 });

        await garden.RestartAsync();
        Assert.Equal(EndpointState.Blocked, (await garden.Ann.GetEndpointAsync(new() { Name = "chat" }, cancellationToken: Cancel)).State);
        garden.Shelf.TellAcceptance("apache-2.0", withdrawn: false);

        await garden.UntilAsync("chat", EndpointState.Ready);
        Assert.Single((await garden.LogsAsync("chat")).Split('\n'), line => line.StartsWith("garden: started", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("meta/model", "mit", true)]
    [InlineData("meta/model", "apache-2.0 MIT", true)]
    [InlineData("meta/model", "apache-2.0", false)]
    [InlineData("meta/model", "", false)]
    [InlineData("ACME/model", "mit", false)]
    public void Reason_AgainstAModel_IsALicenceThatItsTenantWithdrew(string repository, string licenses, bool blocked)
    {
        var book = LicenseBook.Empty.With(License("mit", "The MIT License", requiresAcceptance: true)).With(Acceptance("mit", withdrawn: true)).With(Acceptance("apache-2.0", withdrawn: false));

        var reason = book.ReasonAgainst("acme", repository, licenses.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(blocked, reason?.StartsWith("acme has withdrawn its acceptance of The MIT License", StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public void Reason_WhatWasWithdrawnIsAcceptedFreeOrAnothersByNow_IsNone()
    {
        var book = LicenseBook.Empty.With(License("mit", "MIT", requiresAcceptance: true)).With(Acceptance("mit", withdrawn: true));

        Assert.NotNull(book.ReasonAgainst("Acme", "meta/model", ["mit"]));
        Assert.Null(book.ReasonAgainst("rival", "meta/model", ["mit"]));
        Assert.Null(book.With(Acceptance("mit", withdrawn: false)).ReasonAgainst("acme", "meta/model", ["mit"]));
        Assert.Null(book.With(License("mit", "MIT", requiresAcceptance: false)).ReasonAgainst("acme", "meta/model", ["mit"]));
        Assert.Same(book, book.With(new() { Key = "member/acme/ann" }));
    }

    private static Change License(string id, string title, bool requiresAcceptance) =>
        new() { Key = $"license/{id}", State = Any.Pack(new License { Id = id, Title = title, RequiresAcceptance = requiresAcceptance }) };

    private static Change Acceptance(string license, bool withdrawn) => new()
    {
        Key = $"acceptance/acme/{license}",
        State = Any.Pack(new Acceptance { Tenant = "acme", License = license, WithdrawnAt = withdrawn ? new Timestamp { Seconds = 1 } : null }),
    };
}
