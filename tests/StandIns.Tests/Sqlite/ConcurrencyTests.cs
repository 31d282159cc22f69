using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ModelGarden.StandIns.Tests.Sqlite;

public sealed class ConcurrencyTests : IDisposable
{
    private readonly DatabaseFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void Wal_ReaderBesideAWriter_SeesTheStateBeforeTheCommit()
    {
        using var writer = _file.Open();
        Assert.Equal("wal", writer.Scalar<string>("pragma journal_mode = wal"));
        writer.Execute("create table a (x)");
        using var reader = _file.Open();

        using var transaction = writer.BeginTransaction();
        writer.Execute("insert into a values (1)");
        var before = reader.Scalar<long>("select count(*) from a");
        transaction.Commit();

        Assert.Equal(0, before);
        Assert.Equal(1, reader.Scalar<long>("select count(*) from a"));
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task Writers_OnTheirOwnConnections_LoseNothing(string journal)
    {
        using (var setup = _file.Open())
        {
            setup.Execute($"pragma journal_mode = {journal}; create table counters (value integer); insert into counters values (0)");
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Count(50), TestContext.Current.CancellationToken)));

        using var check = _file.Open();
        Assert.Equal(200, check.Scalar<long>("select value from counters"));
        Assert.Equal("ok", check.Scalar<string>("pragma integrity_check"));
    }

    [Fact]
    public async Task Connections_OpenedAndClosedOnManyThreads_StayApart()
    {
        using (var setup = _file.Open())
        {
            setup.Execute("pragma journal_mode = wal; create table a (x integer)");
        }

        var sums = await Task.WhenAll(Enumerable.Range(0, 64).Select(number => Task.Run(
            () =>
            {
                using var connection = _file.Open();
                connection.CreateFunction("mine", () => (long)number);
                connection.Execute("insert into a values (mine())");
                return connection.Scalar<long>("select sum(x) from a where x = mine()");
            },
            TestContext.Current.CancellationToken)));

        Assert.Equal(Enumerable.Range(0, 64).Select(number => (long)number), sums);
    }

    [Fact]
    public void Connection_ClosedBeforeItsStatement_IsReleasedWithoutHarm()
    {
        Assert.Equal(0, raw.sqlite3_open(":memory:", out var connection));
        Assert.Equal(0, raw.sqlite3_exec(connection, "create table a (x); insert into a values (1), (2)"));
        Assert.Equal(0, raw.sqlite3_prepare_v2(connection, "select x from a", out var statement));
        Assert.Equal(100, raw.sqlite3_step(statement));

        connection.Dispose();

        // SQLite keeps the closed connection until its last statement is finalized.
        Assert.Equal(100, raw.sqlite3_step(statement));
        Assert.Equal(2, raw.sqlite3_column_int64(statement, 0));
        statement.Dispose();
    }

    private void Count(int times)
    {
        using var connection = _file.Open();
        for (var i = 0; i < times; i++)
        {
            using var transaction = connection.BeginTransaction();
            var value = connection.Scalar<long>("select value from counters");
            connection.Execute("update counters set value = $1", value + 1);
            transaction.Commit();
        }
    }
}
