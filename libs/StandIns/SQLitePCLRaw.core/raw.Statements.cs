using System.Runtime.InteropServices;
using System.Text;

namespace SQLitePCL;

// Prepared statements: parameters in, rows out.
public static unsafe partial class raw
{
    public static int sqlite3_prepare_v2(sqlite3 db, string sql, out sqlite3_stmt stmt) =>
        sqlite3_prepare_v2(db, Encoding.UTF8.GetBytes(sql), out stmt, out _);

    public static int sqlite3_prepare_v2(sqlite3 db, ReadOnlySpan<byte> sql, out sqlite3_stmt stmt, out ReadOnlySpan<byte> tail)
    {
        fixed (byte* start = sql)
        {
            var result = Native.sqlite3_prepare_v2(db, start, sql.Length, out var statement, out var end);
            stmt = new sqlite3_stmt(statement, db);
            tail = end is null ? default : sql[(int)(end - start)..];
            return result;
        }
    }

    [LibraryImport(Library)]
    public static partial int sqlite3_step(sqlite3_stmt stmt);

    [LibraryImport(Library)]
    public static partial int sqlite3_reset(sqlite3_stmt stmt);

    [LibraryImport(Library)]
    public static partial int sqlite3_stmt_readonly(sqlite3_stmt stmt);

    [LibraryImport(Library)]
    public static partial int sqlite3_stmt_isexplain(sqlite3_stmt stmt);

    [LibraryImport(Library)]
    public static partial int sqlite3_bind_parameter_count(sqlite3_stmt stmt);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sqlite3_bind_parameter_index(sqlite3_stmt stmt, string strName);

    public static utf8z sqlite3_bind_parameter_name(sqlite3_stmt stmt, int index) =>
        utf8z.FromIntPtr(Native.sqlite3_bind_parameter_name(stmt, index));

    [LibraryImport(Library)]
    public static partial int sqlite3_bind_null(sqlite3_stmt stmt, int index);

    [LibraryImport(Library)]
    public static partial int sqlite3_bind_int64(sqlite3_stmt stmt, int index, long val);

    [LibraryImport(Library)]
    public static partial int sqlite3_bind_double(sqlite3_stmt stmt, int index, double val);

    public static int sqlite3_bind_text(sqlite3_stmt stmt, int index, string text)
    {
        var bytes = Native.Terminated(text);
        fixed (byte* value = bytes)
        {
            return Native.sqlite3_bind_text(stmt, index, value, bytes.Length - 1, Native.Transient);
        }
    }

    public static int sqlite3_bind_blob(sqlite3_stmt stmt, int index, ReadOnlySpan<byte> blob)
    {
        // A null pointer would bind NULL where an empty blob is meant.
        if (blob.IsEmpty)
        {
            return Native.sqlite3_bind_zeroblob(stmt, index, 0);
        }

        fixed (byte* value = blob)
        {
            return Native.sqlite3_bind_blob(stmt, index, value, blob.Length, Native.Transient);
        }
    }

    [LibraryImport(Library)]
    public static partial int sqlite3_data_count(sqlite3_stmt stmt);

    [LibraryImport(Library)]
    public static partial int sqlite3_column_count(sqlite3_stmt stmt);

    [LibraryImport(Library)]
    public static partial int sqlite3_column_type(sqlite3_stmt stmt, int index);

    [LibraryImport(Library)]
    public static partial long sqlite3_column_int64(sqlite3_stmt stmt, int index);

    [LibraryImport(Library)]
    public static partial double sqlite3_column_double(sqlite3_stmt stmt, int index);

    public static utf8z sqlite3_column_text(sqlite3_stmt stmt, int index)
    {
        // The order matters: the length is that of the text only after the text was asked for.
        var text = Native.sqlite3_column_text(stmt, index);
        return text is null ? default : utf8z.FromPtrLen(text, Native.sqlite3_column_bytes(stmt, index));
    }

    public static ReadOnlySpan<byte> sqlite3_column_blob(sqlite3_stmt stmt, int index)
    {
        var blob = Native.sqlite3_column_blob(stmt, index);
        return blob is null ? default : new(blob, Native.sqlite3_column_bytes(stmt, index));
    }

    public static utf8z sqlite3_column_name(sqlite3_stmt stmt, int index) =>
        utf8z.FromIntPtr(Native.sqlite3_column_name(stmt, index));

    public static utf8z sqlite3_column_decltype(sqlite3_stmt stmt, int index) =>
        utf8z.FromIntPtr(Native.sqlite3_column_decltype(stmt, index));

    public static utf8z sqlite3_column_database_name(sqlite3_stmt stmt, int index) =>
        utf8z.FromIntPtr(Native.sqlite3_column_database_name(stmt, index));

    public static utf8z sqlite3_column_origin_name(sqlite3_stmt stmt, int index) =>
        utf8z.FromIntPtr(Native.sqlite3_column_origin_name(stmt, index));

    public static utf8z sqlite3_column_table_name(sqlite3_stmt stmt, int index) =>
        utf8z.FromIntPtr(Native.sqlite3_column_table_name(stmt, index));
}
