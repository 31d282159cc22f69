using System.Net;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Tests.Doubles;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

/// <summary>What is told of people and organisations, and to whom.</summary>
public sealed class OverviewWireTests : IAsyncLifetime
{
    private TestHub _hub = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await TestHub.StartAsync();
        await _hub.CreateAsync("acme/public", published: true);
        await _hub.CreateAsync("acme/draft");
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task User_OfTheOwnOrganisation_IsShownWhole()
    {
        _hub.Store.Likes.Add(new() { Account = "ann", Repository = new() { Name = "acme/public" } });

        var shown = await _hub.As(People.Admin("globex")).JsonAsync("/api/users/ann/overview");

        var (id, tenant) = (Kernel.ShortId.Of("account/ann"), Kernel.ShortId.Of("tenant/globex"));
        Assert.Equal(
            $$"""{"_id":"{{id}}","user":"ann","fullname":"Ann Example","avatarUrl":"","isPro":false,"type":"user","createdAt":null,"isFollowing":false,"numModels":0,"numDatasets":0,"numSpaces":0,"numPapers":0,"numUpvotes":0,"numFollowers":0,"numFollowing":0,"numLikes":1,"orgs":[{"id":"{{tenant}}","name":"globex","fullname":"globex","avatarUrl":""}]}""",
            shown.ToJsonString());
        Assert.Equal("bob", (string?)(await _hub.As(People.Operator).JsonAsync("/api/users/Bob/overview"))["fullname"]);
    }

    [Theory]
    [InlineData("/api/users/ann/overview")]
    [InlineData("/api/users/ann/followers")]
    [InlineData("/api/users/ann/following")]
    [InlineData("/api/users/ann/avatar")]
    [InlineData("/api/users/nobody/overview")]
    [InlineData("/api/users/!/overview")]
    public async Task User_OfAnother_IsNotThere(string target)
    {
        foreach (var other in new[] { People.Anonymous, People.Engineer("initech"), People.Curator })
        {
            using var answer = await _hub.As(other).SendRawAsync("GET", target);
            await answer.AssertRefusedAsync(HttpStatusCode.NotFound, null, "no such account");
        }
    }

    [Fact]
    public async Task Organisation_OfWhichSomethingIsSeen_IsShownByThat()
    {
        var id = Kernel.ShortId.Of("tenant/acme");

        Assert.Equal(
            $$"""{"_id":"{{id}}","name":"acme","fullname":"acme","avatarUrl":"","type":"org","details":null,"isVerified":false,"isFollowing":false,"numModels":1,"numDatasets":0,"numSpaces":0,"numFollowers":0,"plan":null}""",
            (await _hub.As().JsonAsync("/api/organizations/ACME/overview")).ToJsonString());
        Assert.Equal(
            $$"""{"_id":"{{id}}","name":"acme","fullname":"acme","avatarUrl":"","type":"org","details":null,"isVerified":false,"isFollowing":false,"numModels":2,"numDatasets":0,"numSpaces":0,"numFollowers":0,"plan":null,"numUsers":2}""",
            (await _hub.AsEngineer.JsonAsync("/api/organizations/acme/overview")).ToJsonString());
        Assert.Equal("Acme Ltd", (string?)(await _hub.As(People.Operator).JsonAsync("/api/organizations/acme/overview"))["fullname"]);
    }

    [Theory]
    [InlineData("overview")]
    [InlineData("members")]
    [InlineData("followers")]
    public async Task Organisation_OfWhichNothingIsSeen_IsNotThere(string what)
    {
        using var nothing = await _hub.AsEngineer.SendRawAsync("GET", $"/api/organizations/globex/{what}");
        using var bad = await _hub.AsEngineer.SendRawAsync("GET", $"/api/organizations/!/{what}");

        await nothing.AssertRefusedAsync(HttpStatusCode.NotFound, null, "no such organisation");
        await bad.AssertRefusedAsync(HttpStatusCode.NotFound, null, "no such organisation");
        Assert.Equal(0, (int)(await _hub.As(People.Engineer("globex")).JsonAsync("/api/organizations/globex/overview"))["numModels"]!);
    }

    [Fact]
    public async Task Members_AreToldToTheirOwn()
    {
        var members = (await _hub.AsEngineer.JsonAsync("/api/organizations/acme/members")).AsArray();
        var seen = (await _hub.As(People.Operator).JsonAsync("/api/organizations/acme/members")).AsArray();
        using var other = await _hub.As(People.Engineer("globex")).SendRawAsync("GET", "/api/organizations/acme/members");
        using var nobody = await _hub.As().SendRawAsync("GET", "/api/organizations/acme/members");

        Assert.Equal(["ann", "bob"], members.Select(member => (string?)member!["user"]));
        Assert.Equal(2, seen.Count);
        await other.AssertRefusedAsync(HttpStatusCode.Forbidden, null, "its own people");
        await nobody.AssertRefusedAsync(HttpStatusCode.Forbidden, null, "its own people");
    }

    [Theory]
    [InlineData("/api/users/ann/followers", "[]")]
    [InlineData("/api/users/ann/following", "[]")]
    [InlineData("/api/users/ann/avatar", """{"avatarUrl":""}""")]
    [InlineData("/api/organizations/acme/followers", "[]")]
    [InlineData("/api/organizations/acme/avatar", """{"avatarUrl":""}""")]
    public async Task Followers_AreNobody(string target, string json) => Assert.Equal(json, (await _hub.As(People.Engineer("globex")).JsonAsync(target)).ToJsonString());
}
