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
}
