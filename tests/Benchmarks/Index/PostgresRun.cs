using System.Diagnostics;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace ModelGarden.Benchmarks.Index;

/// <summary>
/// The same records and queries in PostgreSQL, as one would do it there: a weighted <c>tsvector</c> with a GIN index, one of the tags, btree indexes for every filter in the order
/// of downloads and for names that begin so. Ready statements, planned anew for each value, for words and filters differ a thousandfold in how many have them.
/// </summary>
internal static class PostgresRun
{
    private const string Schema = """
        CREATE TABLE models (id text NOT NULL, name text NOT NULL, task text NOT NULL, library text NOT NULL, license text NOT NULL, languages text[] NOT NULL, tags text[] NOT NULL,
            parameters bigint NOT NULL, downloads bigint NOT NULL, likes bigint NOT NULL, created bigint NOT NULL, base_model text, card text NOT NULL, name_words text NOT NULL, tag_words text NOT NULL,
            words tsvector GENERATED ALWAYS AS (setweight(to_tsvector('simple', name_words), 'A') || setweight(to_tsvector('simple', tag_words), 'B') || setweight(to_tsvector('simple', card), 'D')) STORED)
        """;

    private const string Copy = "COPY models (id, name, task, library, license, languages, tags, parameters, downloads, likes, created, base_model, card, name_words, tag_words) FROM STDIN (FORMAT BINARY)";

    private static readonly string[] Texts = ["id", "name", "task", "library", "license"];
    private static readonly string[] Lists = ["languages", "tags"];
    private static readonly string[] Numbers = ["params", "downloads", "likes", "created"];

    private static readonly string[] Indexes =
    [
        "CREATE UNIQUE INDEX ON models (id)",
        "CREATE INDEX ON models USING gin (words)",
        "CREATE INDEX ON models USING gin (tags)",
        "CREATE INDEX ON models (downloads DESC, id)",
        "CREATE INDEX ON models (task, downloads DESC)",
        "CREATE INDEX ON models (library, downloads DESC)",
        "CREATE INDEX ON models (license, downloads DESC)",
        "CREATE INDEX ON models (lower(id) text_pattern_ops)",
        "CREATE INDEX ON models (lower(name) text_pattern_ops)",
        "VACUUM ANALYZE models",
    ];

    public static async Task LoadAsync(string records, string connection)
    {
        var start = Stopwatch.GetTimestamp();
        await using var source = NpgsqlDataSource.Create(connection);
        await ExecuteAsync(source, Schema);
        await using (var open = await source.OpenConnectionAsync())
        await using (var writer = await open.BeginBinaryImportAsync(Copy))
        {
            await foreach (var line in File.ReadLinesAsync(records))
            {
                using var record = JsonDocument.Parse(line);
                await WriteAsync(writer, record.RootElement);
            }

            await writer.CompleteAsync();
        }

        foreach (var index in Indexes)
        {
            await ExecuteAsync(source, index);
        }

        await using var size = source.CreateCommand("SELECT pg_total_relation_size('models')");
        Figures.Print(new { seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, bytes = (long)(await size.ExecuteScalarAsync())! });
    }

    public static async Task AskAsync(string connection, string queries, int rounds)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var open = await source.OpenConnectionAsync();
        var asked = await AskedQuery.ReadAsync(queries);
        var commands = new Dictionary<AskedQuery, NpgsqlCommand>();
        foreach (var query in asked)
        {
            commands[query] = CommandOf(query, open);
            await commands[query].PrepareAsync();
        }

        await Figures.MeasureAsync("postgres", asked, rounds, async query =>
        {
            await using var rows = await commands[query].ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                rows.GetString(0);
            }
        });
    }

    private static async Task WriteAsync(NpgsqlBinaryImporter writer, JsonElement record)
    {
        await writer.StartRowAsync();
        foreach (var field in Texts)
        {
            await writer.WriteAsync(Text(field), NpgsqlDbType.Text);
        }

        foreach (var field in Lists)
        {
            await writer.WriteAsync(List(field), NpgsqlDbType.Array | NpgsqlDbType.Text);
        }

        foreach (var field in Numbers)
        {
            await writer.WriteAsync(record.GetProperty(field).GetInt64(), NpgsqlDbType.Bigint);
        }

        if (Text("base_model") is { } baseModel)
        {
            await writer.WriteAsync(baseModel, NpgsqlDbType.Text);
        }
        else
        {
            await writer.WriteNullAsync();
        }

        await writer.WriteAsync(Text("card"), NpgsqlDbType.Text);
        await writer.WriteAsync(Words(Text("id")!), NpgsqlDbType.Text);
        await writer.WriteAsync(Words(string.Join(' ', List("tags"))), NpgsqlDbType.Text);

        string? Text(string field) => record.GetProperty(field).GetString();
        string[] List(string field) => [.. record.GetProperty(field).EnumerateArray().Select(value => value.GetString()!)];
    }

    /// <summary>Letters and digits: the parser of PostgreSQL takes <c>owner/name</c> for a path, and finds none of its parts.</summary>
    private static string Words(string text) => string.Create(text.Length, text, (words, all) =>
    {
        for (var at = 0; at < all.Length; at++)
        {
            words[at] = char.IsLetterOrDigit(all[at]) ? all[at] : ' ';
        }
    });

    private static NpgsqlCommand CommandOf(AskedQuery query, NpgsqlConnection connection)
    {
        var command = connection.CreateCommand();
        command.CommandText = query.Kind switch
        {
            "text" => $"SELECT id, ts_rank(words, q) AS score FROM models, plainto_tsquery('simple', {Of(Words(query.Text))}) q WHERE words @@ q ORDER BY score DESC, id LIMIT {AskedQuery.PageSize}",
            "facet" or "facet_popular" => Facets(Of(Words(query.Text))),
            "prefix" => $"SELECT id FROM models WHERE lower(id) LIKE {Of(Beginning(query.Text))} OR lower(name) LIKE {Of(Beginning(query.Text))} ORDER BY downloads DESC LIMIT {AskedQuery.Completions}",
            "exact" => $"SELECT id FROM models WHERE id = {Of(query.Text)}",
            _ => $"SELECT id FROM models WHERE {string.Join(" AND ", Conditions())} ORDER BY downloads DESC, id LIMIT {AskedQuery.PageSize} OFFSET {query.Offset}",
        };
        return command;

        string Of(object value)
        {
            command.Parameters.Add(new() { Value = value });
            return $"${command.Parameters.Count}";
        }

        IEnumerable<string> Conditions()
        {
            if (query.Text.Length > 0)
            {
                yield return $"words @@ plainto_tsquery('simple', {Of(Words(query.Text))})";
            }

            foreach (var (filter, value) in query.Filters)
            {
                yield return filter is "tag" ? $"tags @> {Of(new[] { value })}" : $"{filter} = {Of(value)}";
            }
        }
    }

    private static string Facets(string words) => $"""
        WITH found AS MATERIALIZED (SELECT id, task, library, license, ts_rank(words, q) AS score FROM models, plainto_tsquery('simple', {words}) q WHERE words @@ q)
        (SELECT id, 'hit' AS what, score FROM found ORDER BY score DESC, id LIMIT {AskedQuery.PageSize})
        UNION ALL (SELECT task, 'task', count(*) FROM found GROUP BY task ORDER BY count(*) DESC LIMIT 50)
        UNION ALL (SELECT library, 'library', count(*) FROM found GROUP BY library ORDER BY count(*) DESC LIMIT 50)
        UNION ALL (SELECT license, 'license', count(*) FROM found GROUP BY license ORDER BY count(*) DESC LIMIT 50)
        """;

    private static string Beginning(string text) => $"{text.ToLowerInvariant().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";

    private static async Task ExecuteAsync(NpgsqlDataSource source, string statement)
    {
        await using var command = source.CreateCommand(statement);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }
}
