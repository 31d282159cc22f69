using Microsoft.EntityFrameworkCore;

namespace ModelGarden.StandIns.Tests.Sqlite;

public sealed class EntityFrameworkTests : IDisposable
{
    private readonly DatabaseFile _file = new();

    public EntityFrameworkTests()
    {
        using var garden = Open();
        garden.Database.EnsureCreated();
        garden.Plants.AddRange(
            new Plant { Name = "llama", Price = 10.5m, Planted = new(2026, 1, 2), Label = new() { Colour = "red", Tags = ["a", "b"] } },
            new Plant { Name = "qwen", Price = 9.25m, Planted = new(2025, 3, 4), Label = new() { Colour = "blue" } });
        garden.SaveChanges();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Query_WithFilterOrderAndProjection_IsTranslated()
    {
        await using var garden = Open();

        var names = await garden.Plants
            .Where(plant => plant.Planted.Year >= 2025 && plant.Name.Contains('e'))
            .OrderByDescending(plant => plant.Name)
            .Select(plant => plant.Name.ToUpper())
            .ToListAsync(Cancel);

        Assert.Equal(["QWEN"], names);
    }

    [Fact]
    public async Task Decimals_ComparedAndSummed_GoThroughTheProvidersFunctions()
    {
        await using var garden = Open();

        Assert.Equal(["llama"], await garden.Plants.Where(plant => plant.Price > 9.9m).Select(plant => plant.Name).ToListAsync(Cancel));
        Assert.Equal(19.75m, await garden.Plants.SumAsync(plant => plant.Price, Cancel));
    }

    [Fact]
    public async Task JsonColumn_QueriedAndChanged_IsPartOfTheRow()
    {
        await using (var garden = Open())
        {
            var plant = await garden.Plants.SingleAsync(plant => plant.Label.Colour == "red", Cancel);
            Assert.Equal(["a", "b"], plant.Label.Tags);
            plant.Label.Colour = "green";
            await garden.SaveChangesAsync(Cancel);
        }

        await using var again = Open();
        Assert.Equal("llama", (await again.Plants.SingleAsync(plant => plant.Label.Colour == "green", Cancel)).Name);
    }

    [Fact]
    public async Task ExecuteUpdateAndDelete_InOneStatementEach_ChangeTheRows()
    {
        await using var garden = Open();

        var updated = await garden.Plants.ExecuteUpdateAsync(
            set => set.SetProperty(plant => plant.Revision, plant => plant.Revision + 1), Cancel);
        var deleted = await garden.Plants.Where(plant => plant.Name == "qwen").ExecuteDeleteAsync(Cancel);

        Assert.Equal((2, 1), (updated, deleted));
        Assert.Equal(1, (await garden.Plants.SingleAsync(Cancel)).Revision);
    }

    [Fact]
    public async Task Save_ConcurrentChange_IsRefused()
    {
        await using var first = Open();
        await using var second = Open();
        (await first.Plants.SingleAsync(plant => plant.Name == "llama", Cancel)).Revision++;
        (await second.Plants.SingleAsync(plant => plant.Name == "llama", Cancel)).Revision++;
        await first.SaveChangesAsync(Cancel);

        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => second.SaveChangesAsync(Cancel));
    }

    [Fact]
    public async Task Save_DuplicateKey_FailsAndRollsBack()
    {
        await using var garden = Open();
        garden.Plants.AddRange(new Plant { Name = "new", Label = new() }, new Plant { Name = "llama", Label = new() });

        await Assert.ThrowsAsync<DbUpdateException>(() => garden.SaveChangesAsync(Cancel));

        await using var again = Open();
        Assert.Equal(2, await again.Plants.CountAsync(Cancel));
    }

    private Garden Open() => new(_file.ConnectionString);

    private sealed class Plant
    {
        public int Id { get; init; }

        public required string Name { get; init; }

        public decimal Price { get; init; }

        public DateOnly Planted { get; init; }

        public int Revision { get; set; }

        public required Label Label { get; init; }
    }

    private sealed class Label
    {
        public string Colour { get; set; } = string.Empty;

        public List<string> Tags { get; init; } = [];
    }

    private sealed class Garden(string connectionString) : DbContext
    {
        public DbSet<Plant> Plants => Set<Plant>();

        protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) => optionsBuilder.UseSqlite(connectionString);

        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Plant>(plant =>
        {
            plant.HasIndex(row => row.Name).IsUnique();
            plant.Property(row => row.Revision).IsConcurrencyToken();
            plant.OwnsOne(row => row.Label, label => label.ToJson());
        });
    }
}
