"""Copies the one repository of a stopped garden's catalog so many times, in its database: garden/copy-1, garden/copy-2 and so on."""
import sqlite3
import sys

database, copies = sys.argv[1], int(sys.argv[2])
connection = sqlite3.connect(database, isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("PRAGMA synchronous = OFF")
connection.execute("PRAGMA foreign_keys = OFF")
connection.execute("PRAGMA cache_size = -500000")
(original,) = connection.execute("SELECT id FROM repositories").fetchone()
numbers = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)"
new = {"id": "printf('%032x', n)", "repository_id": "printf('%032x', n)", "name": "'garden/copy-' || n", "key": "'garden/copy-' || n"}
connection.execute("BEGIN")
for table in ("repositories", "refs", "commits", "trees", "blobs", "large_files", "examinations", "records"):
    identity = "id" if table == "repositories" else "repository_id"
    columns = [column[1] for column in connection.execute(f"PRAGMA table_info({table})")]
    own = {column: value for column, value in new.items() if table == "repositories" or column == "repository_id"}
    values = ", ".join(own.get(column, column) for column in columns)
    connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) {numbers} SELECT {values} FROM {table}, numbers WHERE {identity} = ?", (copies, original))
connection.execute("COMMIT")
connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
