using System.Runtime.InteropServices;
using System.Text;

namespace SQLitePCL;

/// <summary>The C functions whose managed face differs from them; <see cref="raw"/> imports the others itself.</summary>
internal static unsafe partial class Native
{
    public const int Ok = 0;
    public const int NoMemory = 7;
    public const int Utf8 = 1;

    /// <summary>Tells SQLite to copy a value before the call that hands it over returns.</summary>
    public const nint Transient = -1;

    private const string Library = NativeLibraryResolver.Name;

    /// <summary>The text in UTF-8 with a zero byte at its end, so that even an empty text is no null pointer when pinned.</summary>
    public static byte[] Terminated(string text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sqlite3_open_v2(string filename, out nint connection, int flags, string? vfs);

    [LibraryImport(Library)]
    public static partial int sqlite3_close_v2(nint connection);

    [LibraryImport(Library)]
    public static partial nint sqlite3_libversion();

    [LibraryImport(Library)]
    public static partial nint sqlite3_errstr(int result);

    [LibraryImport(Library)]
    public static partial nint sqlite3_errmsg(sqlite3 connection);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint sqlite3_db_filename(sqlite3 connection, string database);

    [LibraryImport(Library)]
    public static partial int sqlite3_keyword_name(int index, out nint name, out int length);

    [LibraryImport(Library)]
    public static partial int sqlite3_load_extension(sqlite3 connection, byte* file, byte* procedure, out nint error);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sqlite3_exec(sqlite3 connection, string sql, nint callback, nint userData, out nint error);

    [LibraryImport(Library)]
    public static partial void sqlite3_free(nint memory);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sqlite3_table_column_metadata(
        sqlite3 connection, string? database, string table, string? column,
        out nint dataType, out nint collation, out int notNull, out int primaryKey, out int autoIncrement);

    [LibraryImport(Library)]
    public static partial int sqlite3_prepare_v2(sqlite3 connection, byte* sql, int length, out nint statement, out byte* tail);

    [LibraryImport(Library)]
    public static partial int sqlite3_finalize(nint statement);

    [LibraryImport(Library)]
    public static partial int sqlite3_bind_text(sqlite3_stmt statement, int index, byte* value, int length, nint destructor);

    [LibraryImport(Library)]
    public static partial int sqlite3_bind_blob(sqlite3_stmt statement, int index, byte* value, int length, nint destructor);

    [LibraryImport(Library)]
    public static partial int sqlite3_bind_zeroblob(sqlite3_stmt statement, int index, int length);

    [LibraryImport(Library)]
    public static partial nint sqlite3_bind_parameter_name(sqlite3_stmt statement, int index);

    [LibraryImport(Library)]
    public static partial byte* sqlite3_column_text(sqlite3_stmt statement, int index);

    [LibraryImport(Library)]
    public static partial byte* sqlite3_column_blob(sqlite3_stmt statement, int index);

    [LibraryImport(Library)]
    public static partial int sqlite3_column_bytes(sqlite3_stmt statement, int index);

    [LibraryImport(Library)]
    public static partial nint sqlite3_column_name(sqlite3_stmt statement, int index);

    [LibraryImport(Library)]
    public static partial nint sqlite3_column_decltype(sqlite3_stmt statement, int index);

    [LibraryImport(Library)]
    public static partial nint sqlite3_column_database_name(sqlite3_stmt statement, int index);

    [LibraryImport(Library)]
    public static partial nint sqlite3_column_origin_name(sqlite3_stmt statement, int index);

    [LibraryImport(Library)]
    public static partial nint sqlite3_column_table_name(sqlite3_stmt statement, int index);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sqlite3_blob_open(
        sqlite3 connection, string database, string table, string column, long row, int flags, out nint blob);

    [LibraryImport(Library)]
    public static partial int sqlite3_blob_close(nint blob);

    [LibraryImport(Library)]
    public static partial int sqlite3_blob_read(sqlite3_blob blob, byte* buffer, int length, int offset);

    [LibraryImport(Library)]
    public static partial int sqlite3_blob_write(sqlite3_blob blob, byte* buffer, int length, int offset);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint sqlite3_backup_init(
        sqlite3 destination, string destinationName, sqlite3 source, string sourceName);

    [LibraryImport(Library)]
    public static partial int sqlite3_backup_finish(nint backup);
}
