using System.Runtime.InteropServices;
using System.Text;

namespace SQLitePCL;

/// <summary>SQLite's C interface under its own names; where C and C# agree, the declaration is the import.</summary>
public static unsafe partial class raw
{
    private const string Library = NativeLibraryResolver.Name;
    private const int OpenReadWriteCreate = 6;

    public static string GetNativeLibraryName() => Library;

    public static utf8z sqlite3_libversion() => utf8z.FromIntPtr(Native.sqlite3_libversion());

    [LibraryImport(Library)]
    public static partial int sqlite3_libversion_number();

    public static int sqlite3_open(string filename, out sqlite3 db) =>
        sqlite3_open_v2(filename, out db, OpenReadWriteCreate, null);

    public static int sqlite3_open_v2(string filename, out sqlite3 db, int flags, string? vfs)
    {
        // A failed open yields a connection as well: it holds the error's text.
        var result = Native.sqlite3_open_v2(filename, out var connection, flags, vfs);
        db = new sqlite3(connection);
        return result;
    }

    public static utf8z sqlite3_db_filename(sqlite3 db, string att) => utf8z.FromIntPtr(Native.sqlite3_db_filename(db, att));

    [LibraryImport(Library)]
    public static partial int sqlite3_db_config(sqlite3 db, int op, int val, out int result);

    [LibraryImport(Library)]
    public static partial int sqlite3_errcode(sqlite3 db);

    [LibraryImport(Library)]
    public static partial int sqlite3_extended_errcode(sqlite3 db);

    public static utf8z sqlite3_errstr(int rc) => utf8z.FromIntPtr(Native.sqlite3_errstr(rc));

    public static utf8z sqlite3_errmsg(sqlite3 db) => utf8z.FromIntPtr(Native.sqlite3_errmsg(db));

    [LibraryImport(Library)]
    public static partial int sqlite3_changes(sqlite3 db);

    public static int sqlite3_exec(sqlite3 db, string sql)
    {
        var result = Native.sqlite3_exec(db, sql, 0, 0, out var error);
        Native.sqlite3_free(error);
        return result;
    }

    public static int sqlite3_table_column_metadata(
        sqlite3 db, string dbName, string tblName, string colName,
        out string dataType, out string collSeq, out int notNull, out int primaryKey, out int autoInc)
    {
        var result = Native.sqlite3_table_column_metadata(
            db, dbName, tblName, colName, out var type, out var collation, out notNull, out primaryKey, out autoInc);
        dataType = Marshal.PtrToStringUTF8(type)!;
        collSeq = Marshal.PtrToStringUTF8(collation)!;
        return result;
    }

    [LibraryImport(Library)]
    public static partial int sqlite3_keyword_count();

    public static int sqlite3_keyword_name(int i, out string name)
    {
        var result = Native.sqlite3_keyword_name(i, out var text, out var length);
        name = result == Native.Ok ? Encoding.UTF8.GetString((byte*)text, length) : string.Empty;
        return result;
    }

    [LibraryImport(Library)]
    public static partial int sqlite3_enable_load_extension(sqlite3 db, int enable);

    public static int sqlite3_load_extension(sqlite3 db, utf8z zFile, utf8z zProc, out utf8z pzErrMsg)
    {
        fixed (byte* file = zFile, procedure = zProc)
        {
            var result = Native.sqlite3_load_extension(db, file, procedure, out var error);
            pzErrMsg = utf8z.FromString(Marshal.PtrToStringUTF8(error));
            Native.sqlite3_free(error);
            return result;
        }
    }

    /// <summary>Does nothing: the directories it sets are those of Windows' packaged programs.</summary>
    public static int sqlite3_win32_set_directory(int typ, string path) => Native.Ok;

    public static sqlite3_backup sqlite3_backup_init(sqlite3 destDb, string destName, sqlite3 sourceDb, string sourceName) =>
        new(Native.sqlite3_backup_init(destDb, destName, sourceDb, sourceName));

    [LibraryImport(Library)]
    public static partial int sqlite3_backup_step(sqlite3_backup backup, int nPage);
}
