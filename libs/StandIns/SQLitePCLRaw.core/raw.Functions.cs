using System.Runtime.InteropServices;

namespace SQLitePCL;

// Functions, collations and hooks written in C#: registering them, reading arguments, leaving results.
public static unsafe partial class raw
{
    public static int sqlite3_create_collation(sqlite3 db, string name, object v, strdelegate_collation? f)
    {
        if (f is null)
        {
            return Native.sqlite3_create_collation_v2(db, name, Native.Utf8, 0, null, null);
        }

        var registration = GCHandle.Alloc(new Callback.Collation(f, v));
        var result = Native.sqlite3_create_collation_v2(
            db, name, Native.Utf8, GCHandle.ToIntPtr(registration), &Callback.OnCompare, &Callback.OnDestroy);
        if (result != Native.Ok)
        {
            // Unlike a function, a collation that fails to register is not destroyed by SQLite.
            registration.Free();
        }

        return result;
    }

    public static int sqlite3_create_function(sqlite3 db, string name, int nArg, object v, delegate_function_scalar? func) =>
        sqlite3_create_function(db, name, nArg, 0, v, func);

    public static int sqlite3_create_function(
        sqlite3 db, string name, int nArg, int flags, object v, delegate_function_scalar? func) => func is null
        ? Unregister(db, name, nArg, flags)
        : Native.sqlite3_create_function_v2(
            db, name, nArg, Native.Utf8 | flags, Pin(new Callback.Scalar(func, v)),
            &Callback.OnScalar, null, null, &Callback.OnDestroy);

    public static int sqlite3_create_function(
        sqlite3 db, string name, int nArg, object v,
        delegate_function_aggregate_step? func_step, delegate_function_aggregate_final? func_final) =>
        sqlite3_create_function(db, name, nArg, 0, v, func_step, func_final);

    public static int sqlite3_create_function(
        sqlite3 db, string name, int nArg, int flags, object v,
        delegate_function_aggregate_step? func_step, delegate_function_aggregate_final? func_final) =>
        func_step is null || func_final is null
            ? Unregister(db, name, nArg, flags)
            : Native.sqlite3_create_function_v2(
                db, name, nArg, Native.Utf8 | flags, Pin(new Callback.Aggregate(func_step, func_final, v)),
                null, &Callback.OnStep, &Callback.OnFinal, &Callback.OnDestroy);

    public static void sqlite3_rollback_hook(sqlite3 db, delegate_rollback? f, object v)
    {
        var previous = db.RollbackHook;
        if (f is null)
        {
            db.RollbackHook = default;
            Native.sqlite3_rollback_hook(db, null, 0);
        }
        else
        {
            db.RollbackHook = GCHandle.Alloc(new Callback.Rollback(f, v));
            Native.sqlite3_rollback_hook(db, &Callback.OnRollback, GCHandle.ToIntPtr(db.RollbackHook));
        }

        if (previous.IsAllocated)
        {
            previous.Free();
        }
    }

    public static int sqlite3_value_type(sqlite3_value val) => Native.sqlite3_value_type(val.Pointer);

    public static long sqlite3_value_int64(sqlite3_value val) => Native.sqlite3_value_int64(val.Pointer);

    public static double sqlite3_value_double(sqlite3_value val) => Native.sqlite3_value_double(val.Pointer);

    public static utf8z sqlite3_value_text(sqlite3_value val)
    {
        var text = Native.sqlite3_value_text(val.Pointer);
        return text is null ? default : utf8z.FromPtrLen(text, Native.sqlite3_value_bytes(val.Pointer));
    }

    public static ReadOnlySpan<byte> sqlite3_value_blob(sqlite3_value val)
    {
        var blob = Native.sqlite3_value_blob(val.Pointer);
        return blob is null ? default : new(blob, Native.sqlite3_value_bytes(val.Pointer));
    }

    public static void sqlite3_result_null(sqlite3_context ctx) => Native.sqlite3_result_null(ctx.Pointer);

    public static void sqlite3_result_int64(sqlite3_context ctx, long val) => Native.sqlite3_result_int64(ctx.Pointer, val);

    public static void sqlite3_result_double(sqlite3_context ctx, double val) => Native.sqlite3_result_double(ctx.Pointer, val);

    public static void sqlite3_result_text(sqlite3_context ctx, string val)
    {
        var bytes = Native.Terminated(val);
        fixed (byte* text = bytes)
        {
            Native.sqlite3_result_text(ctx.Pointer, text, bytes.Length - 1, Native.Transient);
        }
    }

    public static void sqlite3_result_blob(sqlite3_context ctx, ReadOnlySpan<byte> blob)
    {
        if (blob.IsEmpty)
        {
            Native.sqlite3_result_zeroblob(ctx.Pointer, 0);
            return;
        }

        fixed (byte* value = blob)
        {
            Native.sqlite3_result_blob(ctx.Pointer, value, blob.Length, Native.Transient);
        }
    }

    public static void sqlite3_result_error(sqlite3_context ctx, string val) => Callback.Fail(ctx.Pointer, val);

    public static void sqlite3_result_error_code(sqlite3_context ctx, int code) =>
        Native.sqlite3_result_error_code(ctx.Pointer, code);

    private static int Unregister(sqlite3 db, string name, int argumentCount, int flags) =>
        Native.sqlite3_create_function_v2(db, name, argumentCount, Native.Utf8 | flags, 0, null, null, null, null);

    /// <summary>Keeps a function alive until SQLite destroys it, which it does even when registering fails.</summary>
    private static nint Pin(object function) => GCHandle.ToIntPtr(GCHandle.Alloc(function));
}
