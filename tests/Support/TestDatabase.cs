using Npgsql;
using Xunit;

namespace ModelGarden.Testing;

/// <summary>A fresh database on the PostgreSQL server that <c>GARDEN_TEST_POSTGRES</c> names; <c>tests/run.sh</c> starts one.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private const string Variable = "GARDEN_TEST_POSTGRES";
    private readonly string _server;
    private readonly string _name;

    private TestDatabase(string server, string name) => (_server, _name) = (server, name);

    /// <summary>A server is named.</summary>
    public static bool IsThere => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable));

    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server) { Database = _name, MaxPoolSize = 20 }.ConnectionString;

    /// <summary>Skips the test, saying why, where no server is named.</summary>
    public static async Task<TestDatabase> CreateAsync()
    {
        SkipUnlessThere();
        var database = new TestDatabase(Environment.GetEnvironmentVariable(Variable)!, $"test_{Guid.NewGuid():n}");
        await database.RunAsync($"CREATE DATABASE {database._name}");
        return database;
    }

    /// <summary>Skips the test, saying why, where no server is named: a fixture, which would have made the database, cannot.</summary>
    public static void SkipUnlessThere() => Assert.SkipUnless(IsThere, $"{Variable} is not set: tests/run.sh starts a PostgreSQL and sets it");

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await RunAsync($"DROP DATABASE IF EXISTS {_name} WITH (FORCE)");
    }

    private async Task RunAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_server);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
