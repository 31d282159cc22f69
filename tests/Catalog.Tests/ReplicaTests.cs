using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ModelGarden.Catalog.Lifecycles;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>Two catalogs on one PostgreSQL: the compare-and-set holds without the lock that one process has.</summary>
public sealed class ReplicaTests
{
    private const string Name = "acme/llama";

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task CreateCommit_OnTwoReplicasAtOnce_LosesNothing()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var one = await TestGarden.StartAsync(database, null, null, new ArtifactsDouble().Definition, CatalogModule.Definition);
        await using var two = await TestGarden.StartAsync(database, null, null, new ArtifactsDouble().Definition, CatalogModule.Definition);
        Contracts.V1.Catalog.CatalogClient[] replicas = [.. new[] { one, two }.Select(garden => new Contracts.V1.Catalog.CatalogClient(garden.As(People.Engineer(), ServiceNames.Catalog)))];
        await replicas[0].CreateRepositoryAsync(new() { Name = Name }, cancellationToken: Cancel);

        await Task.WhenAll(replicas.Select(async (replica, r) =>
        {
            for (var i = 0; i < 20; i++)
            {
                var add = new AddFile { Path = $"from {r}/file {i}", Content = Google.Protobuf.ByteString.CopyFromUtf8($"{i}") };
                await replica.CreateCommitAsync(new() { Name = Name, Summary = "add", Operations = { new Operation { AddFile = add } } }, cancellationToken: Cancel);
            }
        }));

        foreach (var replica in replicas)
        {
            Assert.Equal(40, (await replica.ListTreeAsync(new() { Name = Name, Recursive = true }, cancellationToken: Cancel)).Entries.Count(entry => !entry.Folder));
            Assert.Equal(40, (await replica.ListCommitsAsync(new() { Name = Name }, cancellationToken: Cancel)).Total);
        }
    }

    [Fact]
    public async Task SquashBranch_WhileOthersCommit_LosesNothing()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var one = await TestGarden.StartAsync(database, null, null, new ArtifactsDouble().Definition, CatalogModule.Definition);
        await using var two = await TestGarden.StartAsync(database, null, null, new ArtifactsDouble().Definition, CatalogModule.Definition);
        Contracts.V1.Catalog.CatalogClient[] replicas = [.. new[] { one, two }.Select(garden => new Contracts.V1.Catalog.CatalogClient(garden.As(People.Engineer(), ServiceNames.Catalog)))];
        await replicas[0].CreateRepositoryAsync(new() { Name = Name }, cancellationToken: Cancel);
        var committed = new List<string>();
        await CommitAsync(-1);

        await Task.WhenAll(CommitAllAsync(), SquashAllAsync());

        var files = await replicas[1].ListTreeAsync(new() { Name = Name }, cancellationToken: Cancel);
        Assert.Equal(21, files.Entries.Count);
        // Whoever was told of a commit finds it by its id, whatever the branch is by now.
        foreach (var commit in committed)
        {
            Assert.Equal(commit, (await replicas[1].ResolveRevisionAsync(new() { Name = Name, Revision = commit }, cancellationToken: Cancel)).Commit);
        }

        async Task CommitAsync(int i)
        {
            var add = new AddFile { Path = $"file {i}", Content = Google.Protobuf.ByteString.CopyFromUtf8($"{i}") };
            committed.Add((await replicas[0].CreateCommitAsync(new() { Name = Name, Summary = "add", Operations = { new Operation { AddFile = add } } }, cancellationToken: Cancel)).Id);
        }

        async Task CommitAllAsync()
        {
            for (var i = 0; i < 20; i++)
            {
                await CommitAsync(i);
            }
        }

        async Task SquashAllAsync()
        {
            for (var i = 0; i < 10; i++)
            {
                await replicas[1].SquashBranchAsync(new() { Name = Name, Summary = $"squash {i}" }, cancellationToken: Cancel);
            }
        }
    }

    [Fact]
    public async Task Retirement_OnTwoReplicasAtOnce_IsOneStep()
    {
        await using var database = await TestDatabase.CreateAsync();
        var clock = new ManualClock();
        await using var one = await TestGarden.StartAsync(database, clock, null, new ArtifactsDouble().Definition, CatalogModule.Definition);
        await using var two = await TestGarden.StartAsync(database, clock, null, new ArtifactsDouble().Definition, CatalogModule.Definition);
        var catalog = new Contracts.V1.Catalog.CatalogClient(one.As(People.Operator, ServiceNames.Catalog));
        await catalog.CreateRepositoryAsync(new() { Name = Name }, cancellationToken: Cancel);
        var card = new AddFile { Path = "README.md", Content = Google.Protobuf.ByteString.CopyFromUtf8("---\nlicense: mit\n---\n") };
        await catalog.CreateCommitAsync(new() { Name = Name, Summary = "add", Operations = { new Operation { AddFile = card } } }, cancellationToken: Cancel);
        foreach (var action in new[] { LifecycleAction.Submit, LifecycleAction.Approve, LifecycleAction.Publish, LifecycleAction.Deprecate })
        {
            var date = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(clock.GetUtcNow().AddHours(1));
            await catalog.ChangeLifecycleAsync(new() { Name = Name, Action = action, RetiresAt = date }, cancellationToken: Cancel);
        }

        clock.Jump(TimeSpan.FromHours(2));
        await Task.WhenAll(new[] { one, two }.SelectMany(garden => garden.PartsOf(ServiceNames.Catalog).GetServices<IHostedService>().OfType<RetirementWorker>()).Select(worker => worker.RetireAllAsync(Cancel)));

        var steps = (await catalog.ListLifecycleAsync(new() { Name = Name }, cancellationToken: Cancel)).Steps;
        Assert.Equal([LifecycleAction.Submit, LifecycleAction.Approve, LifecycleAction.Publish, LifecycleAction.Deprecate, LifecycleAction.Retire], steps.Select(step => step.Action));
    }
}
