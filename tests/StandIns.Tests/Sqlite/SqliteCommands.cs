using Microsoft.Data.Sqlite;

namespace ModelGarden.StandIns.Tests.Sqlite;

/// <summary>One-line commands with the parameters <c>$1</c>, <c>$2</c> and so on.</summary>
internal static class SqliteCommands
{
    extension(SqliteConnection connection)
    {
        public int Execute(string sql, params object?[] arguments)
        {
            using var command = connection.Prepare(sql, arguments);
            return command.ExecuteNonQuery();
        }

        public T Scalar<T>(string sql, params object?[] arguments)
        {
            using var command = connection.Prepare(sql, arguments);
            return (T)command.ExecuteScalar()!;
        }

        public List<T> Column<T>(string sql, params object?[] arguments)
        {
            using var command = connection.Prepare(sql, arguments);
            using var reader = command.ExecuteReader();
            var values = new List<T>();
            while (reader.Read())
            {
                values.Add(reader.GetFieldValue<T>(0));
            }

            return values;
        }

        private SqliteCommand Prepare(string sql, object?[] arguments)
        {
            var command = connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < arguments.Length; i++)
            {
                command.Parameters.AddWithValue($"${i + 1}", arguments[i] ?? DBNull.Value);
            }

            return command;
        }
    }
}
