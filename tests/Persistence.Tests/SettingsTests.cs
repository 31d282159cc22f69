using Microsoft.Extensions.Options;
using ModelGarden.Persistence.Victim;
using ModelGarden.Testing;

namespace ModelGarden.Persistence.Tests;

public sealed class SettingsTests
{
    [Theory]
    [InlineData("nonsense", "a key or value in it")]
    [InlineData("Host=db;Sorcery=yes", "a key or value in it")]
    [InlineData("Host=db;Port=many", "a key or value in it")]
    [InlineData("Username=garden;Password=sesame", "it names no Host")]
    public async Task Start_WithADatabaseThatIsNone_SaysSo_AndNoPassword(string database, string why)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            TestGarden.StartAsync(null, null, new Dictionary<string, string> { ["Database"] = database }, VictimModule.Definition));

        Assert.StartsWith($"Garden:Database is not a PostgreSQL connection string, {why}", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sqlite_InAFolderOfAnyName_KeepsItsPromises()
    {
        var folder = Path.Combine(Directory.CreateTempSubdirectory("garden-").FullName, "with ; and = and 'quotes'");
        Directory.CreateDirectory(folder);
        await using var store = await Store.StartAsync(null, data: folder);

        Assert.True(File.Exists(Path.Combine(folder, "catalog", "catalog.db")));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("wal", await store.ScalarAsync<string>("SELECT journal_mode AS \"Value\" FROM pragma_journal_mode"));
            Assert.Equal(2, await store.ScalarAsync<long>("SELECT synchronous AS \"Value\" FROM pragma_synchronous"));
            Assert.Equal(1, await store.ScalarAsync<long>("SELECT foreign_keys AS \"Value\" FROM pragma_foreign_keys"));
            Assert.Equal(30_000, await store.ScalarAsync<long>("SELECT timeout AS \"Value\" FROM pragma_busy_timeout"));
        }
    }
}
