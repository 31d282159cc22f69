using System.Runtime.InteropServices;
using System.Text;

namespace SQLitePCL;

/// <summary>What SQLite calls: finds the C# function registered under its user data and shields SQLite from exceptions.</summary>
internal static unsafe class Callback
{
    // Each entry point catches everything, because an exception must not unwind SQLite's frames: functions hand it
    // on as an SQL error, and collations and hooks, whose C signatures have no room for one, end quietly.

    [UnmanagedCallersOnly]
    public static int OnCompare(nint userData, int length1, byte* text1, int length2, byte* text2)
    {
        try
        {
            var collation = Find<Collation>(userData);
            return collation.Compare(
                collation.UserData, Encoding.UTF8.GetString(text1, length1), Encoding.UTF8.GetString(text2, length2));
        }
        catch (Exception)
        {
            return 0;
        }
    }

    [UnmanagedCallersOnly]
    public static void OnScalar(nint context, int count, nint* values)
    {
        try
        {
            var scalar = Find<Scalar>(Native.sqlite3_user_data(context));
            scalar.Function(new sqlite3_context { Pointer = context }, scalar.UserData, Arguments(count, values));
        }
        catch (Exception exception)
        {
            Fail(context, exception.Message);
        }
    }

    [UnmanagedCallersOnly]
    public static void OnStep(nint context, int count, nint* values)
    {
        try
        {
            var aggregate = Find<Aggregate>(Native.sqlite3_user_data(context));
            var slot = Native.sqlite3_aggregate_context(context, sizeof(nint));
            if (slot is null)
            {
                Native.sqlite3_result_error_code(context, Native.NoMemory);
                return;
            }

            if (*slot == 0)
            {
                *slot = GCHandle.ToIntPtr(GCHandle.Alloc(new sqlite3_context()));
            }

            var running = Find<sqlite3_context>(*slot);
            running.Pointer = context;
            aggregate.Step(running, aggregate.UserData, Arguments(count, values));
        }
        catch (Exception exception)
        {
            Fail(context, exception.Message);
        }
    }

    [UnmanagedCallersOnly]
    public static void OnFinal(nint context)
    {
        // Null when no row was stepped over.
        var slot = Native.sqlite3_aggregate_context(context, 0);
        try
        {
            var aggregate = Find<Aggregate>(Native.sqlite3_user_data(context));
            var running = slot is null || *slot == 0 ? new sqlite3_context() : Find<sqlite3_context>(*slot);
            running.Pointer = context;
            aggregate.Final(running, aggregate.UserData);
        }
        catch (Exception exception)
        {
            Fail(context, exception.Message);
        }
        finally
        {
            if (slot is not null && *slot != 0)
            {
                GCHandle.FromIntPtr(*slot).Free();
                *slot = 0;
            }
        }
    }

    [UnmanagedCallersOnly]
    public static void OnRollback(nint userData)
    {
        try
        {
            var rollback = Find<Rollback>(userData);
            rollback.Hook(rollback.UserData);
        }
        catch (Exception)
        {
            // The rollback has happened; there is nobody to tell.
        }
    }

    [UnmanagedCallersOnly]
    public static void OnDestroy(nint userData)
    {
        if (userData != 0)
        {
            GCHandle.FromIntPtr(userData).Free();
        }
    }

    public static void Fail(nint context, string message)
    {
        var bytes = Native.Terminated(message);
        fixed (byte* text = bytes)
        {
            Native.sqlite3_result_error(context, text, bytes.Length - 1);
        }
    }

    private static T Find<T>(nint handle)
        where T : class => (T)GCHandle.FromIntPtr(handle).Target!;

    private static sqlite3_value[] Arguments(int count, nint* values)
    {
        var arguments = count == 0 ? [] : new sqlite3_value[count];
        for (var i = 0; i < count; i++)
        {
            arguments[i] = new sqlite3_value(values[i]);
        }

        return arguments;
    }

    public sealed record Collation(strdelegate_collation Compare, object UserData);

    public sealed record Scalar(delegate_function_scalar Function, object UserData);

    public sealed record Aggregate(
        delegate_function_aggregate_step Step, delegate_function_aggregate_final Final, object UserData);

    public sealed record Rollback(delegate_rollback Hook, object UserData);
}
