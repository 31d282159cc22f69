using Microsoft.Data.Sqlite;

namespace ModelGarden.StandIns.Tests.Sqlite;

public sealed class FunctionTests : IDisposable
{
    private readonly SqliteConnection _connection = new("Data Source=:memory:");

    public FunctionTests()
    {
        _connection.Open();
        _connection.Execute("create table numbers (x, body); insert into numbers values (1, 'b'), (2, 'A'), (3, 'C')");
    }

    public void Dispose() => _connection.Dispose();

    [Fact]
    public void Scalar_OfEachType_TakesAndGivesIt()
    {
        _connection.CreateFunction("plus", (long left, double right) => left + right);
        _connection.CreateFunction("twice", (string text) => text + text);
        _connection.CreateFunction("reversed", (byte[] bytes) => bytes.Reverse().ToArray());
        _connection.CreateFunction("no_value", () => (string?)null);

        Assert.Equal(3.5, _connection.Scalar<double>("select plus(1, 2.5)"));
        Assert.Equal("é\0é\0", _connection.Scalar<string>("select twice($1)", "é\0"));
        Assert.Equal(string.Empty, _connection.Scalar<string>("select twice('')"));
        Assert.Equal([3, 2, 1], _connection.Scalar<byte[]>("select reversed(x'010203')"));
        Assert.Equal([], _connection.Scalar<byte[]>("select reversed(x'')"));
        Assert.Equal(DBNull.Value, _connection.Scalar<object>("select no_value()"));
    }

    [Fact]
    public void Scalar_StillRegisteredAfterCollection_Works()
    {
        _connection.CreateFunction("seven", () => 7L);

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.Equal(7L, _connection.Scalar<long>("select seven()"));
    }

    [Fact]
    public void Scalar_Throwing_IsAnSqlError()
    {
        _connection.CreateFunction<long>("fails", () => throw new InvalidOperationException("on purpose"));

        var exception = Assert.Throws<SqliteException>(() => _connection.Scalar<long>("select fails()"));

        Assert.Contains("on purpose", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scalar_Removed_IsUnknown()
    {
        _connection.CreateFunction("seven", () => 7L);
        _connection.CreateFunction("seven", (Func<long>?)null);

        Assert.Throws<SqliteException>(() => _connection.Scalar<long>("select seven()"));
    }

    [Fact]
    public void Aggregate_OverRowsGroupsAndNoRows_KeepsItsStatePerGroup()
    {
        _connection.CreateAggregate("product", 1L, (long product, long value) => product * value, product => product);

        Assert.Equal(6L, _connection.Scalar<long>("select product(x) from numbers"));
        Assert.Equal([2, 3], _connection.Column<long>("select product(x) from numbers group by x > 2 order by 1"));
        Assert.Equal(1L, _connection.Scalar<long>("select product(x) from numbers where x > 99"));
    }

    [Fact]
    public void Aggregate_Throwing_IsAnSqlError()
    {
        _connection.CreateAggregate("fails", 0L, (long _, long _) => throw new InvalidOperationException("on purpose"), state => state);

        Assert.Throws<SqliteException>(() => _connection.Scalar<long>("select fails(x) from numbers"));
    }

    [Fact]
    public void Collation_OfOurOwn_Orders()
    {
        _connection.CreateCollation("ignoring", (left, right) => string.Compare(left, right, StringComparison.OrdinalIgnoreCase));

        Assert.Equal(["A", "b", "C"], _connection.Column<string>("select body from numbers order by body collate ignoring"));
    }
}
