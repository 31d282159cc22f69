using Microsoft.Data.Sqlite;

namespace ModelGarden.StandIns.Tests.Sqlite;

/// <summary>A database file in a directory of its own, which goes when the test ends.</summary>
internal sealed class DatabaseFile : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("standins-");

    public string ConnectionString => new SqliteConnectionStringBuilder
    {
        DataSource = Path.Combine(_directory.FullName, "test.db"),
        Pooling = false,
        DefaultTimeout = 60,
    }.ToString();

    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(ConnectionString);
        connection.Open();
        return connection;
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
