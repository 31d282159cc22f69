using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Deployment.Tests;

public sealed class AccessTests
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task EveryRpc_AnotherTenantsEndpoint_IsNotFound()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("acme/model", "serve");
        await garden.CreateAsync("chat");
        var stranger = garden.As(People.Engineer("rival"));

        await NotFoundAsync(() => stranger.GetEndpointAsync(new() { Name = "chat" }, cancellationToken: Cancel).ResponseAsync);
        await NotFoundAsync(() => stranger.UpdateEndpointAsync(new() { Name = "chat" }, cancellationToken: Cancel).ResponseAsync);
        await NotFoundAsync(() => stranger.DeleteEndpointAsync(new() { Name = "chat" }, cancellationToken: Cancel).ResponseAsync);
        await NotFoundAsync(() => stranger.WatchEndpoint(new() { Name = "chat" }, cancellationToken: Cancel).ResponseStream.MoveNext(Cancel));
        await NotFoundAsync(() => stranger.ReadLogs(new() { Name = "chat" }, cancellationToken: Cancel).ResponseStream.MoveNext(Cancel));
        await NotFoundAsync(() => garden.Serving.ActivateAsync(new() { Tenant = "rival", Name = "chat" }, cancellationToken: Cancel).ResponseAsync);
        Assert.Empty((await stranger.ListEndpointsAsync(new(), cancellationToken: Cancel)).Endpoints);
        Assert.Single((await garden.Ann.ListEndpointsAsync(new(), cancellationToken: Cancel)).Endpoints);
    }

    [Fact]
    public async Task Create_SameWishAgain_AnswersTheStandingOne()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        var commit = garden.Shelf.CommitFake("acme/model", "serve");
        var first = await garden.CreateAsync("chat");
        garden.Shelf.CommitFake("acme/model", "refuse");

        var afterABranchMoved = await garden.CreateAsync("chat");
        var byCommit = await garden.CreateAsync("chat", revision: commit);

        Assert.Equal((first.Id, first.Id), (afterABranchMoved.Id, byCommit.Id));
        await RefusedAsync(StatusCode.AlreadyExists, "ENDPOINT_EXISTS", () => garden.CreateAsync("chat", revision: "main"));
        await RefusedAsync(StatusCode.AlreadyExists, "ENDPOINT_EXISTS", () => garden.CreateAsync("chat", scaling: new() { MinimumReplicas = 1 }));
    }

    [Fact]
    public async Task Create_ByManyAtOnce_MakesOne()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("acme/model", "serve");

        var created = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => garden.CreateAsync("chat")));

        Assert.Single(created.Select(endpoint => endpoint.Id).Distinct());
    }

    [Fact]
    public async Task Create_EntitlementRefuses_SaysWithItsRuleWhatWouldChangeThat()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("acme/model", "serve");
        garden.Shelf.Decision = new() { Rule = "LICENSE_NOT_ACCEPTED", Message = "acme has not accepted llama3: admin or legal of acme can" };

        var message = await RefusedAsync(StatusCode.PermissionDenied, "LICENSE_NOT_ACCEPTED", () => garden.CreateAsync("chat"));

        Assert.Equal("acme has not accepted llama3: admin or legal of acme can", message);
        Assert.Empty((await garden.Ann.ListEndpointsAsync(new(), cancellationToken: Cancel)).Endpoints);
    }

    [Theory]
    [InlineData("model.bin", "no engine loads the format 'bin'")]
    [InlineData("model.absent", "missing needs 'no-such-program-anywhere' on the PATH")]
    public async Task Create_NothingToServe_IsNoRuntime(string file, string why)
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("acme/model", "serve", file: file);

        Assert.Contains(why, await RefusedAsync(StatusCode.InvalidArgument, "NO_RUNTIME", () => garden.CreateAsync("chat")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("Chat")]
    [InlineData("-chat")]
    [InlineData("chat-")]
    [InlineData("chat_1")]
    [InlineData("../etc")]
    [InlineData("chat\n")]
    [InlineData("0123456789012345678901234567890123456789012345678")]
    public async Task Create_BadName_IsRefused(string name)
    {
        await using var garden = await DeploymentGarden.StartAsync();

        await RefusedAsync(StatusCode.InvalidArgument, "BAD_ENDPOINT_NAME", () => garden.CreateAsync(name));
    }

    [Theory]
    [InlineData(-1, 0, 60)]
    [InlineData(3, 2, 60)]
    [InlineData(0, 17, 60)]
    [InlineData(0, 1, 0)]
    [InlineData(0, 1, 2_592_001)]
    [InlineData(0, 1, -60)]
    public async Task Create_BadScaling_IsRefused(int minimum, int maximum, long idleSeconds)
    {
        await using var garden = await DeploymentGarden.StartAsync();
        var scaling = new Contracts.V1.Scaling { MinimumReplicas = minimum, MaximumReplicas = maximum, IdleTimeout = new Duration { Seconds = idleSeconds } };

        await RefusedAsync(StatusCode.InvalidArgument, "BAD_SCALING", () => garden.CreateAsync("chat", scaling: scaling));
    }

    [Fact]
    public async Task Create_UnknownRepositoryOrRevision_IsNotFoundInCatalogsWords()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("acme/model", "serve");

        await RefusedAsync(StatusCode.NotFound, "REVISION_NOT_FOUND", () => garden.CreateAsync("chat", "acme/nothing"));
        await RefusedAsync(StatusCode.NotFound, "REVISION_NOT_FOUND", () => garden.CreateAsync("chat", revision: "v9"));
        await RefusedAsync(StatusCode.InvalidArgument, "BAD_REPOSITORY_NAME", () => garden.CreateAsync("chat", "nothing"));
        await RefusedAsync(StatusCode.InvalidArgument, "NO_RUNTIME", () => garden.CreateAsync("chat", file: "../../etc/passwd"));
    }

    [Fact]
    public async Task Create_BeyondTheTenantsBound_IsExhausted()
    {
        await using var garden = await DeploymentGarden.StartAsync(settings: ("MaximumEndpoints", "1"));
        garden.Shelf.CommitFake("acme/model", "serve");
        await garden.CreateAsync("chat");

        await RefusedAsync(StatusCode.ResourceExhausted, "TOO_MANY_ENDPOINTS", () => garden.CreateAsync("other"));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task Create_BesideAnEndpointOfAnotherTenant_FitsInWhatThatOneMayGiveBack(int minimum, bool fits)
    {
        await using var garden = await DeploymentGarden.StartAsync(settings: ("Memory", $"{100 << 20}"));
        garden.Shelf.CommitFake("acme/model", "serve");
        await garden.As(People.Engineer("rival")).CreateEndpointAsync(
            new() { Name = "theirs", Repository = "acme/model", Scaling = new() { MinimumReplicas = minimum } }, cancellationToken: Cancel);

        if (fits)
        {
            await garden.CreateAsync("chat");
        }
        else
        {
            var message = await RefusedAsync(StatusCode.InvalidArgument, "NO_RUNTIME", () => garden.CreateAsync("chat"));
            Assert.Contains("needs about 64 MiB of memory, this machine has 100 MiB, 64 MiB of it kept for endpoints that never sleep", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Delete_Twice_IsNotFound()
    {
        await using var garden = await DeploymentGarden.StartAsync(settings: ("StopGrace", "00:00:00.200"));
        garden.Shelf.CommitFake("acme/model", "stubborn");
        await garden.CreateAsync("chat");
        await garden.UntilAsync("chat", EndpointState.Ready);

        await garden.Ann.DeleteEndpointAsync(new() { Name = "chat" }, cancellationToken: Cancel);

        await NotFoundAsync(() => garden.Ann.DeleteEndpointAsync(new() { Name = "chat" }, cancellationToken: Cancel).ResponseAsync);
        await garden.UntilGoneAsync("chat");
        var again = await garden.CreateAsync("chat");
        Assert.Equal(1, again.Generation);
    }

    [Fact]
    public async Task Rpcs_WithoutTheRoleScopeOrKind_AreRefused()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        var legal = garden.As(People.Person("lea", "acme", "legal"));

        await RefusedAsync(StatusCode.PermissionDenied, "ROLE_MISSING", () => legal.DeleteEndpointAsync(new() { Name = "chat" }, cancellationToken: Cancel).ResponseAsync);
        await RefusedAsync(StatusCode.PermissionDenied, "SERVICES_ONLY", () => garden.Ann.ActivateAsync(new() { Tenant = "acme", Name = "chat" }, cancellationToken: Cancel).ResponseAsync);
        await RefusedAsync(StatusCode.PermissionDenied, "SERVICES_ONLY", () => garden.Ann.ReportActivityAsync(new(), cancellationToken: Cancel).ResponseAsync);
        await RefusedAsync(StatusCode.PermissionDenied, "NO_TENANT", () => garden.Serving.ListEndpointsAsync(new(), cancellationToken: Cancel).ResponseAsync);
    }

    [Fact]
    public async Task ReadLogs_Following_GoesOnUntilTheEndpointIsGone()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("acme/model", "serve");
        await garden.CreateAsync("chat");
        await garden.UntilAsync("chat", EndpointState.Ready);

        using var call = garden.Ann.ReadLogs(new() { Name = "chat", Follow = true }, cancellationToken: Cancel);
        var lines = new List<string>();
        while (await call.ResponseStream.MoveNext(Cancel))
        {
            lines.Add(call.ResponseStream.Current.Text);
            if (lines[^1].StartsWith("garden: ready", StringComparison.Ordinal))
            {
                await garden.Ann.DeleteEndpointAsync(new() { Name = "chat" }, cancellationToken: Cancel);
            }
        }

        Assert.StartsWith("garden: started fake-events as process", lines[0], StringComparison.Ordinal);
        Assert.Equal("garden: stopped", lines[^1]);
        await RefusedAsync(StatusCode.NotFound, "ENDPOINT_NOT_FOUND", async () => await garden.LogsAsync("chat"));
    }

    private static Task<string> NotFoundAsync<T>(Func<Task<T>> call) => RefusedAsync(StatusCode.NotFound, "ENDPOINT_NOT_FOUND", call);

    private static async Task<string> RefusedAsync<T>(StatusCode status, string reason, Func<Task<T>> call)
    {
        var exception = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal((status, reason), (exception.StatusCode, exception.Trailers.GetValue("garden-reason")));
        return exception.Status.Detail;
    }
}
