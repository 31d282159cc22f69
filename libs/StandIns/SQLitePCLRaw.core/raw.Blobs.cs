using System.Runtime.InteropServices;

namespace SQLitePCL;

// Reading and writing one blob in place.
public static unsafe partial class raw
{
    public static int sqlite3_blob_open(
        sqlite3 db, string sdb, string table, string col, long rowid, int flags, out sqlite3_blob blob)
    {
        var result = Native.sqlite3_blob_open(db, sdb, table, col, rowid, flags, out var opened);
        blob = new sqlite3_blob(opened);
        return result;
    }

    [LibraryImport(Library)]
    public static partial int sqlite3_blob_bytes(sqlite3_blob blob);

    public static int sqlite3_blob_read(sqlite3_blob blob, Span<byte> b, int offset)
    {
        fixed (byte* buffer = b)
        {
            return Native.sqlite3_blob_read(blob, buffer, b.Length, offset);
        }
    }

    public static int sqlite3_blob_write(sqlite3_blob blob, ReadOnlySpan<byte> b, int offset)
    {
        fixed (byte* buffer = b)
        {
            return Native.sqlite3_blob_write(blob, buffer, b.Length, offset);
        }
    }
}
