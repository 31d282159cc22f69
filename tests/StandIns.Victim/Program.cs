// Writes to a SQLite file until it is killed, and says on standard output what it was told is safe.
// usage: <connection string> <writers> <rows per transaction, 0: never commits>
using System.Globalization;
using Microsoft.Data.Sqlite;

var writers = int.Parse(args[1], CultureInfo.InvariantCulture);
var rowsPerTransaction = int.Parse(args[2], CultureInfo.InvariantCulture);
var output = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(Write)));

void Write()
{
    using var connection = new SqliteConnection(args[0]);
    connection.Open();
    while (true)
    {
        using var transaction = connection.BeginTransaction();
        var ids = new List<Guid>();
        while (rowsPerTransaction == 0 || ids.Count < rowsPerTransaction)
        {
            ids.Add(Insert(connection, transaction));
            if (rowsPerTransaction == 0)
            {
                output.WriteLine(ids[^1]);
            }
        }

        transaction.Commit();
        output.WriteLine(string.Join(' ', ids));
    }
}

static Guid Insert(SqliteConnection connection, SqliteTransaction transaction)
{
    var id = Guid.NewGuid();
    using var insert = connection.CreateCommand();
    insert.Transaction = transaction;
    insert.CommandText = "insert into rows (id, body) values ($id, randomblob(3000))";
    insert.Parameters.AddWithValue("$id", id);
    insert.ExecuteNonQuery();
    return id;
}
