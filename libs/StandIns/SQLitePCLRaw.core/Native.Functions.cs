using System.Runtime.InteropServices;

namespace SQLitePCL;

// What functions, collations and hooks written in C# need.
internal static unsafe partial class Native
{
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sqlite3_create_collation_v2(
        sqlite3 connection, string name, int encoding, nint userData,
        delegate* unmanaged<nint, int, byte*, int, byte*, int> compare, delegate* unmanaged<nint, void> destroy);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sqlite3_create_function_v2(
        sqlite3 connection, string name, int argumentCount, int flags, nint userData,
        delegate* unmanaged<nint, int, nint*, void> scalar, delegate* unmanaged<nint, int, nint*, void> step,
        delegate* unmanaged<nint, void> final, delegate* unmanaged<nint, void> destroy);

    [LibraryImport(Library)]
    public static partial nint sqlite3_rollback_hook(sqlite3 connection, delegate* unmanaged<nint, void> hook, nint userData);

    /// <summary>For a connection being released, whose safe handle can no longer be passed on.</summary>
    [LibraryImport(Library, EntryPoint = nameof(sqlite3_rollback_hook))]
    public static partial nint sqlite3_rollback_hook(nint connection, delegate* unmanaged<nint, void> hook, nint userData);

    [LibraryImport(Library)]
    public static partial nint sqlite3_user_data(nint context);

    [LibraryImport(Library)]
    public static partial nint* sqlite3_aggregate_context(nint context, int size);

    [LibraryImport(Library)]
    public static partial double sqlite3_value_double(nint value);

    [LibraryImport(Library)]
    public static partial long sqlite3_value_int64(nint value);

    [LibraryImport(Library)]
    public static partial byte* sqlite3_value_text(nint value);

    [LibraryImport(Library)]
    public static partial byte* sqlite3_value_blob(nint value);

    [LibraryImport(Library)]
    public static partial int sqlite3_value_bytes(nint value);

    [LibraryImport(Library)]
    public static partial int sqlite3_value_type(nint value);

    [LibraryImport(Library)]
    public static partial void sqlite3_result_blob(nint context, byte* value, int length, nint destructor);

    [LibraryImport(Library)]
    public static partial void sqlite3_result_zeroblob(nint context, int length);

    [LibraryImport(Library)]
    public static partial void sqlite3_result_double(nint context, double value);

    [LibraryImport(Library)]
    public static partial void sqlite3_result_int64(nint context, long value);

    [LibraryImport(Library)]
    public static partial void sqlite3_result_null(nint context);

    [LibraryImport(Library)]
    public static partial void sqlite3_result_text(nint context, byte* value, int length, nint destructor);

    [LibraryImport(Library)]
    public static partial void sqlite3_result_error(nint context, byte* message, int length);

    [LibraryImport(Library)]
    public static partial void sqlite3_result_error_code(nint context, int code);
}
