using System.Diagnostics;
using System.Globalization;

namespace ModelGarden.StandIns.Tests.Sqlite;

/// <summary>Kills a writing process in the middle and looks at what it left.</summary>
public sealed class CrashTests : IDisposable
{
    private readonly DatabaseFile _file = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData("wal", 1, 1)]
    [InlineData("wal", 2, 3)]
    [InlineData("delete", 2, 3)]
    public async Task Kill_InTheMiddleOfWriting_KeepsWhatWasAcknowledged(string journal, int writers, int rowsPerTransaction)
    {
        SetUp(journal);
        var acknowledged = new HashSet<Guid>();
        for (var round = 1; round <= 3; round++)
        {
            acknowledged.UnionWith(await WriteUntilKilledAsync(writers, rowsPerTransaction, lines: round * 7));

            using var connection = _file.Open();
            var stored = connection.Column<Guid>("select id from rows").ToHashSet();
            Assert.Equal("ok", connection.Scalar<string>("pragma integrity_check"));
            Assert.Subset(stored, acknowledged);
            // Each writer may have committed one transaction more than it could tell of, and none in part.
            Assert.InRange(stored.Count - acknowledged.Count, 0, writers * rowsPerTransaction * round);
            Assert.Equal(0, stored.Count % rowsPerTransaction);
        }
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task Kill_BeforeTheCommit_LeavesNothing(string journal)
    {
        SetUp(journal);

        // Enough rows to overflow the page cache, so that uncommitted pages reach the files.
        var inserted = await WriteUntilKilledAsync(writers: 1, rowsPerTransaction: 0, lines: 2000);

        using var connection = _file.Open();
        Assert.InRange(inserted.Count, 2000, int.MaxValue);
        Assert.Equal("ok", connection.Scalar<string>("pragma integrity_check"));
        Assert.Equal(0, connection.Scalar<long>("select count(*) from rows"));
    }

    private void SetUp(string journal)
    {
        using var connection = _file.Open();
        Assert.Equal(journal, connection.Scalar<string>($"pragma journal_mode = {journal}"));
        connection.Execute("create table rows (id text primary key, body blob)");
    }

    /// <summary>Starts a writer, kills it after so many lines and returns the ids it had printed by then.</summary>
    private async Task<List<Guid>> WriteUntilKilledAsync(int writers, int rowsPerTransaction, int lines)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "ModelGarden.StandIns.Victim.dll"));
        start.ArgumentList.Add(_file.ConnectionString);
        start.ArgumentList.Add(writers.ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add(rowsPerTransaction.ToString(CultureInfo.InvariantCulture));
        using var victim = Process.Start(start)!;
        var ids = new List<Guid>();
        try
        {
            for (var i = 0; i < lines; i++)
            {
                ids.AddRange(Parse((await victim.StandardOutput.ReadLineAsync(Cancel))!));
            }
        }
        finally
        {
            victim.Kill();
        }

        // The last line may have been cut short.
        var rest = await victim.StandardOutput.ReadToEndAsync(Cancel);
        await victim.WaitForExitAsync(Cancel);
        ids.AddRange(rest[..(rest.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).SelectMany(Parse));
        return ids;
    }

    private static IEnumerable<Guid> Parse(string line) => line.Split(' ').Select(id => Guid.Parse(id, CultureInfo.InvariantCulture));
}
