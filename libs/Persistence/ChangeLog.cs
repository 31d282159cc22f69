using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Persistence;

/// <summary>
/// The change feed on disk: one row a thing, holding its newest state and the number of the change that made it. Numbers are drawn from
/// one row that the transaction keeps locked to its end, so they are committed in their order in both engines: who reads
/// everything after a number misses nothing.
/// </summary>
internal static class ChangeLog
{
    /// <summary>Part of every service's schema.</summary>
    public const string Schema = """
        CREATE TABLE change_counter (id INTEGER PRIMARY KEY, value BIGINT NOT NULL, forgotten BIGINT NOT NULL);
        INSERT INTO change_counter (id, value, forgotten) VALUES (1, 0, 0);
        CREATE TABLE changes (key TEXT PRIMARY KEY, sequence BIGINT NOT NULL UNIQUE, state {blob}, at BIGINT NOT NULL);
        """;

    public static async Task AppendAsync(DatabaseFacade database, IReadOnlyList<(string Key, byte[]? State)> changes, CancellationToken cancellationToken)
    {
        // A list, since SQLite steps through RETURNING as through a query: composing over it is refused.
        var drawn = await database.SqlQuery<long>($"UPDATE change_counter SET value = value + {changes.Count} WHERE id = 1 RETURNING value").ToListAsync(cancellationToken);
        var sequence = drawn.Single() - changes.Count;
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        foreach (var (key, state) in changes)
        {
            sequence++;
            await database.ExecuteSqlAsync(
                $"""
                INSERT INTO changes (key, sequence, state, at) VALUES ({key}, {sequence}, {state}, {now})
                ON CONFLICT (key) DO UPDATE SET sequence = excluded.sequence, state = excluded.state, at = excluded.at
                """,
                cancellationToken);
        }
    }

    /// <summary>The next changes after a number, in order.</summary>
    public static async Task<IReadOnlyList<Change>> ReadAsync(DatabaseFacade database, long after, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.SqlQuery<ChangeRow>(
            $"SELECT key AS \"Key\", sequence AS \"Sequence\", state AS \"State\", at AS \"At\" FROM changes WHERE sequence > {after} ORDER BY sequence LIMIT {limit}")
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => row.ToChange())];
    }

    /// <summary>The number of the newest change, and the highest one whose deletion is forgotten.</summary>
    public static async Task<(long Newest, long Forgotten)> PositionAsync(DatabaseFacade database, CancellationToken cancellationToken)
    {
        var rows = await database.SqlQuery<CounterRow>($"SELECT value AS \"Value\", forgotten AS \"Forgotten\" FROM change_counter WHERE id = 1").ToListAsync(cancellationToken);
        return (rows[0].Value, rows[0].Forgotten);
    }

    /// <summary>Forgets deletions older than a time: followers that stood before them must start over.</summary>
    public static async Task ForgetAsync(DatabaseFacade database, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginTransactionAsync(cancellationToken);
        var limit = before.ToUnixTimeMilliseconds();
        await database.ExecuteSqlAsync(
            $"""
            UPDATE change_counter SET forgotten = COALESCE((SELECT MAX(sequence) FROM changes WHERE state IS NULL AND at < {limit}), forgotten)
            WHERE id = 1 AND forgotten < COALESCE((SELECT MAX(sequence) FROM changes WHERE state IS NULL AND at < {limit}), 0)
            """,
            cancellationToken);
        await database.ExecuteSqlAsync($"DELETE FROM changes WHERE state IS NULL AND at < {limit}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private sealed record ChangeRow(string Key, long Sequence, byte[]? State, long At)
    {
        public Change ToChange() => new()
        {
            Key = Key,
            Sequence = Sequence,
            State = State is null ? null : Any.Parser.ParseFrom(State),
            At = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(At)),
        };
    }

    private sealed record CounterRow(long Value, long Forgotten);
}
