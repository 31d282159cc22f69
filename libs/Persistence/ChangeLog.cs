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
    /// <summary>Keys of what happened once, for the audit trail: no state of a thing.</summary>
    public const string AuditPrefix = "audit/";

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

    /// <summary>The next changes after a number, in order, with where the log stands at the same moment.</summary>
    public static async Task<ChangePage> ReadAsync(DatabaseFacade database, long after, int limit, CancellationToken cancellationToken)
    {
        // One statement sees one moment: what it finds is all there is up to the counter's value.
        var rows = await database.SqlQuery<ChangeRow>(
            $"""
            SELECT counter.value AS "Newest", counter.forgotten AS "Forgotten",
                changes.key AS "Key", changes.sequence AS "Sequence", changes.state AS "State", changes.at AS "At"
            FROM change_counter AS counter LEFT JOIN changes ON changes.sequence > {after}
            WHERE counter.id = 1 ORDER BY changes.sequence LIMIT {limit}
            """)
            .ToListAsync(cancellationToken);
        return new([.. rows.Where(row => row.Key is not null).Select(row => row.ToChange())], rows[0].Newest, rows[0].Forgotten);
    }

    /// <summary>Forgets deletions older than a time: followers that stood before them must start over. How many it forgot.</summary>
    public static async Task<int> ForgetAsync(DatabaseFacade database, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginTransactionAsync(cancellationToken);
        var limit = before.ToUnixTimeMilliseconds();
        await database.ExecuteSqlAsync(
            $"""
            UPDATE change_counter SET forgotten = COALESCE((SELECT MAX(sequence) FROM changes WHERE state IS NULL AND at < {limit}), forgotten)
            WHERE id = 1 AND forgotten < COALESCE((SELECT MAX(sequence) FROM changes WHERE state IS NULL AND at < {limit}), 0)
            """,
            cancellationToken);
        // No further than what was just written down: a deletion committed meanwhile is forgotten another time, not unseen.
        var count = await database.ExecuteSqlAsync(
            $"DELETE FROM changes WHERE state IS NULL AND at < {limit} AND sequence <= (SELECT forgotten FROM change_counter WHERE id = 1)", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return count;
    }

    /// <summary>Forgets what happened before a time. Nobody starts over for that: those who take it over have done so long ago.</summary>
    public static Task<int> ForgetEventsAsync(DatabaseFacade database, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var limit = before.ToUnixTimeMilliseconds();
        return database.ExecuteSqlAsync($"DELETE FROM changes WHERE key LIKE {AuditPrefix + "%"} AND at < {limit}", cancellationToken);
    }

    private sealed record ChangeRow(long Newest, long Forgotten, string? Key, long? Sequence, byte[]? State, long? At)
    {
        public Change ToChange() => new()
        {
            Key = Key,
            Sequence = Sequence!.Value,
            State = State is null ? null : Any.Parser.ParseFrom(State),
            At = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(At!.Value)),
        };
    }
}

/// <summary>Some changes in their order, and where the log stood when they were read.</summary>
/// <param name="Changes">None: there are no more.</param>
/// <param name="Newest">The number of the newest change.</param>
/// <param name="Forgotten">The highest number whose deletion is forgotten.</param>
internal sealed record ChangePage(IReadOnlyList<Change> Changes, long Newest, long Forgotten);
