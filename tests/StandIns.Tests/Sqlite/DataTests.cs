using System.Data;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ModelGarden.StandIns.Tests.Sqlite;

public sealed class DataTests : IDisposable
{
    private readonly DatabaseFile _file = new();
    private readonly SqliteConnection _connection;

    public DataTests() => _connection = _file.Open();

    public void Dispose()
    {
        _connection.Dispose();
        _file.Dispose();
    }

    [Fact]
    public void Rows_InsertedUpdatedDeleted_AreWhatIsRead()
    {
        _connection.Execute("create table models (name text primary key, revision integer) strict");
        Assert.Equal(1, _connection.Execute("insert into models values ($1, 1)", "llama"));
        Assert.Equal(1, _connection.Execute("insert into models values ($1, 2)", "qwen"));
        Assert.Equal(2, _connection.Execute("update models set revision = revision + 10"));
        Assert.Equal(1, _connection.Execute("delete from models where name = $1", "qwen"));

        Assert.Equal(["llama"], _connection.Column<string>("select name from models"));
        Assert.Equal(11L, _connection.Scalar<long>("select revision from models"));
    }

    public static TheoryData<object> Values =>
    [
        long.MinValue, long.MaxValue, 0L, double.MaxValue, double.Epsilon, -0.5, string.Empty, "é 模型 \U0001F331", "zero \0 inside",
        Array.Empty<byte>(), new byte[] { 0, 1, 255 },
    ];

    [Theory]
    [MemberData(nameof(Values))]
    public void Parameter_OfEachStorageClass_ComesBackAsItWas(object value) =>
        Assert.Equal(value, _connection.Scalar<object>("select $1", value));

    [Fact]
    public void Parameter_Null_ComesBackAsNull() => Assert.Equal(DBNull.Value, _connection.Scalar<object>("select $1", [null]));

    [Fact]
    public void Text_LongAndShort_AreCopiedBeforeTheyAreCollected()
    {
        _connection.Execute("create table texts (id integer primary key, body text)");
        for (var i = 0; i < 200; i++)
        {
            _connection.Execute("insert into texts values ($1, $2)", i, new string((char)('a' + (i % 26)), i * 50));
        }

        GC.Collect();

        Assert.Equal(200L, _connection.Scalar<long>(
            "select count(*) from texts where length(body) = id * 50 and replace(body, substr(body, 1, 1), '') = ''"));
    }

    [Fact]
    public void Schema_OfAQuery_NamesTablesColumnsAndTypes()
    {
        _connection.Execute("create table models (name text not null primary key, size integer)");
        using var command = _connection.CreateCommand();
        command.CommandText = "select name as alias, size from models";
        using var reader = command.ExecuteReader(CommandBehavior.KeyInfo);
        var schema = reader.GetSchemaTable();

        Assert.Equal("alias", reader.GetName(0));
        Assert.Equal("TEXT", reader.GetDataTypeName(0));
        Assert.Equal("name", schema.Rows[0]["BaseColumnName"]);
        Assert.Equal("models", schema.Rows[0]["BaseTableName"]);
        Assert.Equal("main", schema.Rows[0]["BaseCatalogName"]);
        Assert.Equal(true, schema.Rows[0]["IsKey"]);
    }

    [Fact]
    public void ColumnMetadata_OfANotNullKey_SaysSo()
    {
        Assert.Equal(0, raw.sqlite3_open(":memory:", out var database));
        using (database)
        {
            raw.sqlite3_exec(database, "create table models (name text not null primary key collate nocase)");

            var result = raw.sqlite3_table_column_metadata(
                database, "main", "models", "name", out var type, out var collation, out var notNull, out var key, out var automatic);

            Assert.Equal((0, "TEXT", "nocase", 1, 1, 0), (result, type, collation, notNull, key, automatic));
        }
    }

    [Fact]
    public void Batch_OfSeveralStatements_RunsThemAll()
    {
        _connection.Execute("create table a (x); insert into a values (1); insert into a values (2) -- the end");

        Assert.Equal([1, 2], _connection.Column<long>("; ; select x from a order by x"));
    }

    [Fact]
    public void Transaction_RolledBack_LeavesNothing()
    {
        _connection.Execute("create table a (x)");
        using (var transaction = _connection.BeginTransaction())
        {
            _connection.Execute("insert into a values (1)");
            transaction.Save("point");
            _connection.Execute("insert into a values (2)");
            transaction.Rollback("point");
            Assert.Equal(1L, _connection.Scalar<long>("select count(*) from a"));
            transaction.Rollback();
        }

        Assert.Equal(0L, _connection.Scalar<long>("select count(*) from a"));
    }

    [Fact]
    public void Transaction_RolledBackBySqlite_IsNoticedByTheHook()
    {
        _connection.Execute("create table a (x unique on conflict rollback); insert into a values (1)");
        using var transaction = _connection.BeginTransaction();

        Assert.Throws<SqliteException>(() => _connection.Execute("insert into a values (1)"));

        // The provider refuses to commit what the hook told it was rolled back.
        Assert.Throws<InvalidOperationException>(transaction.Commit);
    }

    [Theory]
    [InlineData("select * from nowhere", 1, "no such table: nowhere")]
    [InlineData("insert into a values (1)", 19, "UNIQUE constraint failed: a.x")]
    public void Error_OfAStatement_CarriesCodeAndText(string sql, int code, string text)
    {
        _connection.Execute("create table a (x unique); insert into a values (1)");

        var exception = Assert.Throws<SqliteException>(() => _connection.Execute(sql));

        Assert.Equal(code, exception.SqliteErrorCode);
        Assert.Contains(text, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_MissingFileReadOnly_SaysWhy()
    {
        using var connection = new SqliteConnection("Data Source=/nonexistent/x.db;Mode=ReadOnly");

        Assert.Equal(14, Assert.Throws<SqliteException>(connection.Open).SqliteErrorCode);
    }

    [Fact]
    public void LoadExtension_MissingFile_SaysWhy()
    {
        _connection.EnableExtensions();

        var exception = Assert.Throws<SqliteException>(() => _connection.LoadExtension("/nonexistent/extension"));

        Assert.Contains("/nonexistent/extension", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Blob_WrittenInPlace_IsReadBack()
    {
        _connection.Execute("create table blobs (id integer primary key, body blob); insert into blobs values (1, zeroblob(100000))");
        var data = new byte[100_000];
        Random.Shared.NextBytes(data);

        using (var blob = new SqliteBlob(_connection, "blobs", "body", 1))
        {
            Assert.Equal(data.Length, blob.Length);
            blob.Write(data.AsSpan(0, 60_000));
            blob.Write(data.AsSpan(60_000));
        }

        using var read = new SqliteBlob(_connection, "blobs", "body", 1, readOnly: true);
        var copy = new byte[data.Length];
        read.ReadExactly(copy);
        Assert.Equal(data, copy);
        Assert.Equal(data, _connection.Scalar<byte[]>("select body from blobs"));
    }

    [Fact]
    public void Backup_OfADatabase_IsACopy()
    {
        _connection.Execute("create table a (x); insert into a values (42)");
        using var copy = new SqliteConnection("Data Source=:memory:");
        copy.Open();

        _connection.BackupDatabase(copy);

        Assert.Equal(42L, copy.Scalar<long>("select x from a"));
    }

    [Fact]
    public void Fts5_Match_FindsRanksAndHighlights()
    {
        _connection.Execute("""
            create virtual table docs using fts5(title, body, tokenize = 'porter unicode61');
            insert into docs values ('llama', 'a running model'), ('qwen', 'the model runs; the model ran'), ('bert', 'nothing here');
            """);

        Assert.Equal(["llama", "qwen"], _connection.Column<string>("select title from docs where docs match $1 order by title", "run"));
        Assert.Equal(
            "a <running> model",
            _connection.Scalar<string>("select highlight(docs, 1, '<', '>') from docs where docs match 'run AND llama'"));
        Assert.True(_connection.Scalar<double>("select bm25(docs) from docs where docs match 'model' order by rank limit 1") < 0);
    }

    [Fact]
    public void Json_FunctionsAndOperators_Work()
    {
        _connection.Execute("create table a (body text)");
        _connection.Execute("insert into a values ($1)", """{"tags":["x","y"],"size":{"b":7}}""");

        Assert.Equal(7L, _connection.Scalar<long>("select body ->> '$.size.b' from a"));
        Assert.Equal(["x", "y"], _connection.Column<string>("select value from a, json_each(a.body, '$.tags')"));
        Assert.Equal("""{"size":{"b":8}}""", _connection.Scalar<string>("select json_remove(json_set(body, '$.size.b', 8), '$.tags') from a"));
    }
}
